import type { Api } from '../graphql/api.js'
import { firstNodes, type Page } from '../graphql/pages.js'
import { runNotFound, type Usage } from './run.js'

const INSTANCES = /* GraphQL */ `
  query RunInstances($id: ID!, $first: Int!, $after: String, $filter: InstanceFilter) {
    run(id: $id) {
      instances(first: $first, after: $after, filter: $filter) {
        nodes {
          id taskKey name status verdict engine executionOrder exitCode errorMessage queuedAt startedAt endedAt durationSeconds
          machine { name }
          attempts { number }
          waitReasons { code message needed available }
          usage { averageMemoryMb peakMemoryMb averageCpuPercent cpuSeconds }
        }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`

/** An instance as it is printed by `run show --json`. */
export interface Instance {
  readonly id: string
  readonly taskKey: string
  readonly name: string
  readonly status: string
  readonly verdict: string
  readonly engine: string
  readonly executionOrder: number
  readonly exitCode: number | null
  readonly errorMessage: string | null
  readonly queuedAt: string | null
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly durationSeconds: number | null
  readonly machine: { readonly name: string } | null
  readonly attempts: readonly { readonly number: number }[]
  /** Of one that has not started; none: nothing keeps it. */
  readonly waitReasons: readonly WaitReason[]
  readonly usage: Usage | null
}

/** One thing that keeps an instance from starting. */
export interface WaitReason {
  readonly code: string
  readonly message: string
  readonly needed: number | null
  readonly available: number | null
}

/** The run's first `limit` instances in the server's order, all or those of the given statuses. */
export async function readInstances(
  api: Api,
  runId: string,
  limit: number,
  statuses?: readonly string[],
): Promise<Instance[]> {
  const filter = statuses === undefined ? null : { statuses }
  return firstNodes(limit, 1_000, async (first, after) => {
    const variables = { id: runId, first, after, filter }
    const { data } = await api.query<{ run: { instances: Page<Instance> } | null }>(INSTANCES, variables)
    if (data.run === null) throw runNotFound(runId)
    return data.run.instances
  })
}
