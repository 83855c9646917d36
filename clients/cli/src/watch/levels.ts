/** A task of a run as far as the order matters. */
export interface PlannedTask {
  readonly key: string
  /** 1-based and topological. */
  readonly order: number
}

/** What a run's tasks wait for, and how deep each is. */
export interface Plan {
  /** The tasks, in order. */
  readonly keys: readonly string[]
  /** By task: those of the run that it waits for. */
  readonly needs: ReadonlyMap<string, readonly string[]>
  /** Tasks by depth; what waits for nothing is in the first. */
  readonly levels: readonly (readonly string[])[]
}

/**
 * A task is one level below the deepest that it waits for. `needs` are those of the DAG; one that the run does not have is
 * left out, and `load` means each of `load[0]`, `load[1]`, ...
 */
export function planOf(tasks: readonly PlannedTask[], needs: ReadonlyMap<string, readonly string[]>): Plan {
  const keys = [...tasks].sort((one, other) => one.order - other.order).map(({ key }) => key)
  const copies = new Map<string, string[]>()
  for (const key of keys) {
    const like = copies.get(baseOf(key))
    if (like === undefined) copies.set(baseOf(key), [key])
    else like.push(key)
  }
  const present = new Map<string, readonly string[]>()
  const depths = new Map<string, number>()
  const levels: string[][] = []
  for (const key of keys) {
    const waitsFor = (needs.get(baseOf(key)) ?? []).flatMap((need) => copies.get(need) ?? [])
    present.set(key, waitsFor)
    const depth = waitsFor.reduce((deepest, need) => Math.max(deepest, (depths.get(need) ?? 0) + 1), 0)
    depths.set(key, depth)
    const level = levels[depth]
    if (level === undefined) levels[depth] = [key]
    else level.push(key)
  }
  return { keys, needs: present, levels }
}

function baseOf(key: string): string {
  return key.replace(/\[\d+\]$/, '')
}
