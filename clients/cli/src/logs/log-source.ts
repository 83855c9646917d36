import { NotFoundFailure } from '../failure.js'
import type { Api } from '../graphql/api.js'
import { runNotFound } from '../runs/run.js'

const FIND = /* GraphQL */ `
  query FindInstance($runId: ID!, $taskKey: String!) {
    run(id: $runId) { instance(taskKey: $taskKey) { id status attempts { number } } }
  }
`

const SLICE = /* GraphQL */ `
  query LogSlice($instanceId: ID!, $attempt: Int!, $after: BigInt) {
    instance(id: $instanceId) {
      status
      attempts { number }
      log(attempt: $attempt, afterOffset: $after) {
        entries { offset stream text recordedAt }
        endOffset isComplete isTruncated
      }
    }
  }
`

/** A piece of one attempt's output; `offset` counts the bytes of both streams. */
export interface LogEntry {
  readonly offset: string
  readonly stream: 'STDOUT' | 'STDERR' | 'SYSTEM'
  readonly text: string
  readonly recordedAt: string
}

export interface LogSlice {
  readonly entries: readonly LogEntry[]
  /** Where the next slice begins. */
  readonly endOffset: string
  /** The attempt has ended and nothing comes after `endOffset`. */
  readonly isComplete: boolean
  readonly isTruncated: boolean
}

export interface InstanceRef {
  readonly id: string
  readonly status: string
  readonly attempts: readonly { readonly number: number }[]
}

/** The instance of that task in that run. Throws NotFoundFailure. */
export async function findInstance(api: Api, runId: string, taskKey: string): Promise<InstanceRef> {
  const { data } = await api.query<{ run: { instance: InstanceRef | null } | null }>(FIND, { runId, taskKey })
  if (data.run === null) throw runNotFound(runId)
  if (data.run.instance === null) {
    throw new NotFoundFailure(`Task ${taskKey}: run ${runId} has no such task`, `dagbook run show ${runId}`)
  }
  return data.run.instance
}

/** The next slice of an attempt's output after an offset (null: from the start), with the instance as it is now. */
export async function readSlice(
  api: Api,
  instanceId: string,
  attempt: number,
  after: string | null,
): Promise<{ readonly instance: InstanceRef; readonly slice: LogSlice }> {
  interface Answer {
    instance: (Omit<InstanceRef, 'id'> & { log: LogSlice }) | null
  }
  const { data } = await api.query<Answer>(SLICE, { instanceId, attempt, after })
  if (data.instance === null) throw new NotFoundFailure(`Instance ${instanceId}: does not exist any more`)
  const { log, ...instance } = data.instance
  return { instance: { id: instanceId, ...instance }, slice: log }
}
