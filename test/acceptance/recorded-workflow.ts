import { readFile } from 'node:fs/promises'
import type { Shape } from './generated-dag.js'

/** What a recorded workflow (WfFormat 1.5) says of its tasks; read apart from the importer that is tested with it. */
export interface RecordedWorkflow {
  readonly name: string
  /** Seconds, by the recorded id. */
  readonly runtimes: ReadonlyMap<string, number>
  readonly parents: ReadonlyMap<string, readonly string[]>
}

interface File {
  readonly name: string
  readonly workflow: {
    readonly specification: {
      readonly tasks: readonly { readonly id: string; readonly parents: string[]; readonly children: string[] }[]
    }
    readonly execution: { readonly tasks: readonly { readonly id: string; readonly runtimeInSeconds: number }[] }
  }
}

export async function readWorkflow(file: string): Promise<RecordedWorkflow> {
  const { name, workflow } = JSON.parse(await readFile(file, 'utf8')) as File
  const { specification, execution } = workflow
  const parents = new Map(specification.tasks.map(({ id, parents: named }) => [id, new Set(named)]))
  for (const { id, children } of specification.tasks) for (const child of children) parents.get(child)?.add(id)
  return {
    name,
    runtimes: new Map(execution.tasks.map(({ id, runtimeInSeconds }) => [id, runtimeInSeconds])),
    parents: new Map([...parents].map(([id, set]) => [id, [...set]])),
  }
}

/** Sum of all runtimes and the longest path, in recorded seconds. */
export function measure({ runtimes, parents }: RecordedWorkflow): { readonly sum: number; readonly longest: number } {
  const ends = new Map<string, number>()
  const endOf = (id: string): number => {
    const known = ends.get(id)
    if (known !== undefined) return known
    const begin = Math.max(0, ...(parents.get(id) ?? []).map(endOf))
    ends.set(id, begin + (runtimes.get(id) ?? 0))
    return ends.get(id) as number
  }
  return {
    sum: [...runtimes.values()].reduce((total, seconds) => total + seconds, 0),
    longest: Math.max(...[...parents.keys()].map(endOf)),
  }
}

/** Its shape; the ids must fit task keys. */
export function shapeOf({ parents }: RecordedWorkflow): Shape {
  return { needs: parents }
}
