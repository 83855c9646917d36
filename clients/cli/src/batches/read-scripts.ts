import type { Api } from '../graphql/api.js'
import { firstNodes, type Page } from '../graphql/pages.js'
import { runNotFound } from '../runs/run.js'

const RUN_SCRIPTS = /* GraphQL */ `
  query RunScripts($id: ID!, $first: Int!, $after: String) {
    run(id: $id) {
      instances(first: $first, after: $after) {
        nodes { taskKey name status verdict exitCode errorMessage durationSeconds startedAt script { path module } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`

const STACK_TRACE = /* GraphQL */ `
  query StackTrace($id: ID!, $taskKey: String!) { run(id: $id) { instance(taskKey: $taskKey) { stackTrace } } }
`

/** One script of a batch, or one task of any run, as it is printed by `batch run --json`. */
export interface ScriptResult {
  readonly taskKey: string
  readonly name: string
  readonly status: string
  readonly verdict: 'PASS' | 'FAIL' | 'UNKNOWN'
  readonly exitCode: number | null
  readonly errorMessage: string | null
  readonly durationSeconds: number | null
  readonly startedAt: string | null
  readonly script: { readonly path: string; readonly module: string | null } | null
}

/** All of a run's, in their order. */
export async function readScripts(api: Api, id: string): Promise<ScriptResult[]> {
  return firstNodes(Number.POSITIVE_INFINITY, 1_000, async (first, after) => {
    const { data } = await api.query<{ run: { instances: Page<ScriptResult> } | null }>(RUN_SCRIPTS, {
      id,
      first,
      after,
    })
    if (data.run === null) throw runNotFound(id)
    return data.run.instances
  })
}

/** The last stack trace that it printed; null: there is none. */
export async function readStackTrace(api: Api, id: string, taskKey: string): Promise<string | null> {
  const { data } = await api.query<{ run: { instance: { stackTrace: string | null } | null } | null }>(STACK_TRACE, {
    id,
    taskKey,
  })
  return data.run?.instance?.stackTrace ?? null
}

const FAILED = new Set(['FAILED', 'ERRORED', 'TIMED_OUT', 'CANCELED', 'UPSTREAM_FAILED'])

/** Whether somebody has to look at it: it failed, or what it tested did. */
export function isBad({ status, verdict }: Pick<ScriptResult, 'status' | 'verdict'>): boolean {
  return FAILED.has(status) || verdict === 'FAIL'
}
