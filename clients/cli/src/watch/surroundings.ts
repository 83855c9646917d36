import type { Api } from '../graphql/api.js'
import { firstNodes, NO_PAGE, type Page } from '../graphql/pages.js'

const RUN_PLAN = /* GraphQL */ `
  query RunPlan($id: ID!, $first: Int!, $after: String) {
    run(id: $id) {
      maxParallel
      dagVersion { tasks(first: $first, after: $after) { nodes { key needs } pageInfo { hasNextPage endCursor } } }
    }
  }
`

const MACHINE_SLOTS = /* GraphQL */ `
  query MachineSlots($first: Int!, $after: String) {
    machines(first: $first, after: $after) {
      nodes { status isDraining slots runningCount projects { name } }
      pageInfo { hasNextPage endCursor }
    }
  }
`

interface PlannedRun {
  readonly maxParallel: number | null
  readonly dagVersion: { readonly tasks: Page<{ readonly key: string; readonly needs: readonly string[] }> } | null
}

interface MachineSlots {
  readonly status: string
  readonly isDraining: boolean
  readonly slots: number
  readonly runningCount: number
  readonly projects: readonly { readonly name: string }[]
}

/** The needs of a run's tasks by key, and how many instances it may run at a time (Infinity: no limit of its own). */
export async function readNeeds(
  api: Api,
  id: string,
  signal: AbortSignal,
): Promise<{ readonly needs: ReadonlyMap<string, readonly string[]>; readonly maxParallel: number }> {
  let maxParallel: number | null = null
  const tasks = await firstNodes(Number.POSITIVE_INFINITY, 1_000, async (first, after) => {
    const { data } = await api.query<{ run: PlannedRun | null }>(RUN_PLAN, { id, first, after }, { signal })
    maxParallel = data.run?.maxParallel ?? null
    return data.run?.dagVersion?.tasks ?? NO_PAGE
  })
  return { needs: new Map(tasks.map(({ key, needs }) => [key, needs])), maxParallel: maxParallel ?? Infinity }
}

/** How many slots are free now on machines that take a project's work. */
export async function freeSlots(api: Api, project: string, signal: AbortSignal): Promise<number> {
  const machines = await firstNodes(Number.POSITIVE_INFINITY, 100, async (first, after) => {
    return (await api.query<{ machines: Page<MachineSlots> }>(MACHINE_SLOTS, { first, after }, { signal })).data
      .machines
  })
  return machines
    .filter(({ status, isDraining }) => status === 'ONLINE' && !isDraining)
    .filter(({ projects }) => projects.length === 0 || projects.some(({ name }) => name === project))
    .reduce((sum, { slots, runningCount }) => sum + Math.max(0, slots - runningCount), 0)
}
