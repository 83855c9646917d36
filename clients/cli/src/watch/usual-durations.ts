import type { Api } from '../graphql/api.js'
import { firstNodes, NO_PAGE, type Page } from '../graphql/pages.js'

const SUCCEEDED_RUNS = /* GraphQL */ `
  query SucceededRuns($filter: RunFilter, $first: Int!) {
    runs(filter: $filter, first: $first) { nodes { id } pageInfo { hasNextPage endCursor } }
  }
`

const DURATIONS = /* GraphQL */ `
  query RunDurations($id: ID!, $first: Int!, $after: String) {
    run(id: $id) {
      instances(first: $first, after: $after, filter: { statuses: [SUCCEEDED] }) {
        nodes { taskKey durationSeconds }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`

interface Timed {
  readonly taskKey: string
  readonly durationSeconds: number | null
}

/** How long the tasks of a DAG usually take. */
export interface UsualDurations {
  /** How many earlier runs this is made of. */
  readonly runs: number
  /** Seconds by task: the median. */
  readonly seconds: ReadonlyMap<string, number>
}

const MOST_RUNS = 5
/** A DAG of 10,000 tasks is judged by its last two runs rather than by 50 pages. */
const MOST_INSTANCES = 20_000

/** From the newest runs of the DAG that SUCCEEDED, at most five. */
export async function usualDurations(
  api: Api,
  dagId: string,
  tasks: number,
  signal: AbortSignal,
): Promise<UsualDurations> {
  const first = Math.max(1, Math.min(MOST_RUNS, Math.floor(MOST_INSTANCES / Math.max(1, tasks))))
  const variables = { filter: { dagId, statuses: ['SUCCEEDED'] }, first }
  const { data } = await api.query<{ runs: Page<{ id: string }> }>(SUCCEEDED_RUNS, variables, { signal })
  const samples: Timed[] = []
  for (const { id } of data.runs.nodes) samples.push(...(await durationsOf(api, id, signal)))
  return { runs: data.runs.nodes.length, seconds: medians(samples) }
}

async function durationsOf(api: Api, id: string, signal: AbortSignal): Promise<Timed[]> {
  return firstNodes(Number.POSITIVE_INFINITY, 1_000, async (first, after) => {
    const variables = { id, first, after }
    const { data } = await api.query<{ run: { instances: Page<Timed> } | null }>(DURATIONS, variables, { signal })
    return data.run?.instances ?? NO_PAGE
  })
}

/** The median by task; of an even number the mean of the middle two. */
export function medians(samples: readonly Timed[]): Map<string, number> {
  const byTask = new Map<string, number[]>()
  for (const { taskKey, durationSeconds } of samples) {
    if (durationSeconds === null) continue
    const seconds = byTask.get(taskKey)
    if (seconds === undefined) byTask.set(taskKey, [durationSeconds])
    else seconds.push(durationSeconds)
  }
  return new Map([...byTask].map(([key, seconds]) => [key, median(seconds)]))
}

function median(values: number[]): number {
  const sorted = values.sort((one, other) => one - other)
  const upper = sorted[sorted.length >> 1] ?? 0
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[(sorted.length >> 1) - 1] ?? upper)) / 2
}
