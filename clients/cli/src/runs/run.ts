import { NotFoundFailure } from '../failure.js'
import type { Answer, Api, QueryOptions } from '../graphql/api.js'

/** The fields of a run that every command shows; part of the documented JSON. */
export const RUN_FIELDS = /* GraphQL */ `
  fragment RunFields on Run {
    id name kind status version trigger priority tags logicalDate parameters output errorMessage
    createdAt startedAt endedAt durationSeconds
    project { id name }
    dag { id name }
    dagVersion { number }
    usage { averageMemoryMb peakMemoryMb averageCpuPercent cpuSeconds }
    counts { total pending queued running completed succeeded failed errored timedOut canceled skipped upstreamFailed unknown }
  }
`

const RUN = /* GraphQL */ `
  query Run($id: ID!) { run(id: $id) { ...RunFields } }
  ${RUN_FIELDS}
`

export type RunCounts = Readonly<
  Record<
    | 'total'
    | 'pending'
    | 'queued'
    | 'running'
    | 'completed'
    | 'succeeded'
    | 'failed'
    | 'errored'
    | 'timedOut'
    | 'canceled'
    | 'skipped'
    | 'upstreamFailed'
    | 'unknown',
    number
  >
>

/** What attempts used, over all of them; null where none has told. */
export interface Usage {
  readonly averageMemoryMb: number | null
  readonly peakMemoryMb: number | null
  readonly averageCpuPercent: number | null
  readonly cpuSeconds: number | null
}

/** A run as it is printed by `--json`. */
export interface Run {
  readonly id: string
  readonly name: string
  readonly kind: string
  readonly status: string
  readonly version: number
  readonly trigger: string
  readonly priority: number
  readonly tags: readonly string[]
  readonly logicalDate: string | null
  readonly parameters: Readonly<Record<string, unknown>>
  readonly output: unknown
  readonly errorMessage: string | null
  readonly createdAt: string
  readonly startedAt: string | null
  readonly endedAt: string | null
  readonly durationSeconds: number | null
  readonly project: { readonly id: string; readonly name: string }
  readonly dag: { readonly id: string; readonly name: string } | null
  readonly dagVersion: { readonly number: number } | null
  readonly usage: Usage | null
  readonly counts: RunCounts
}

/** The words for a run's status. */
export const RUN_STATUSES = [
  'QUEUED',
  'RUNNING',
  'PAUSED',
  'CANCELING',
  'SUCCEEDED',
  'FAILED',
  'CANCELED',
  'TIMED_OUT',
] as const

/** The words for what of an ended run is run again. */
export const RERUN_SCOPES = ['ALL', 'FAILED', 'TASKS', 'TASKS_AND_DOWNSTREAM'] as const

const ENDS = new Set(['SUCCEEDED', 'FAILED', 'CANCELED', 'TIMED_OUT'])

/** Ends are final: a run that has ended never changes again. */
export function hasEnded(status: string): boolean {
  return ENDS.has(status)
}

/** The run as it is now, with the position that the answer is at least as new as. */
export async function readRun(api: Api, id: string, options: QueryOptions = {}): Promise<Answer<Run>> {
  const { data, position } = await api.query<{ run: Run | null }>(RUN, { id }, options)
  if (data.run === null) throw runNotFound(id)
  return { data: data.run, position }
}

/** For a run that is missing, or hidden from the caller. */
export function runNotFound(id: string): NotFoundFailure {
  return new NotFoundFailure(`Run ${id}: does not exist, or you have no role in its project`, 'dagbook run list')
}
