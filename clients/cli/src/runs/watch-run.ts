import { follow, NoStream, type Resumable } from '../graphql/follow.js'
import { patiently } from '../graphql/patiently.js'
import type { Connection } from '../world.js'
import { awaitRun } from './await-run.js'
import { readInstances } from './instances.js'
import type { ProgressPrinter } from './progress-printer.js'
import type { Run } from './run.js'

const INSTANCE_UPDATED = /* GraphQL */ `
  subscription InstanceUpdated($runId: ID!, $after: Position) {
    instanceUpdated(runId: $runId, after: $after) {
      position
      event { recordedAt }
      instance { taskKey status exitCode errorMessage }
    }
  }
`

interface InstanceUpdate {
  readonly instanceUpdated: {
    readonly position: string
    readonly event: { readonly recordedAt: string }
    readonly instance: {
      readonly taskKey: string
      readonly status: string
      readonly exitCode: number | null
      readonly errorMessage: string | null
    }
  }
}

/**
 * Waits like `awaitRun` and prints each change of the run and its instances on the way. The two subscriptions are not
 * ordered against each other, so the state that is read with the end prints what is still missing.
 */
export async function watchRun(
  connection: Connection,
  runId: string,
  printer: ProgressPrinter,
  options: { readonly signal: AbortSignal; readonly minPosition?: string | null },
): Promise<Run> {
  const ended = new AbortController()
  const signal = AbortSignal.any([ended.signal, options.signal])
  let listening: Promise<void> | undefined
  try {
    return await awaitRun(connection, runId, {
      ...options,
      onStatus: (status, at) => printer.run(status, at),
      onState: async ({ data: run, position }) => {
        await patiently(signal, () => catchUp(connection, run, printer))
        listening ??= listenToInstances(connection, runId, position, printer, signal)
      },
    })
  } finally {
    ended.abort()
    await listening
  }
}

/** Prints what changed since it was last printed, from the state. */
async function catchUp({ api }: Connection, run: Run, printer: ProgressPrinter): Promise<void> {
  for (const instance of await readInstances(api, run.id, Number.POSITIVE_INFINITY)) {
    if (instance.status === 'PENDING') continue
    const at = instance.endedAt ?? instance.startedAt ?? instance.queuedAt
    printer.instance(instance, at ?? run.createdAt)
  }
  printer.run(run.status, run.endedAt ?? run.startedAt ?? run.createdAt)
}

async function listenToInstances(
  { sockets }: Connection,
  runId: string,
  after: string,
  printer: ProgressPrinter,
  signal: AbortSignal,
): Promise<void> {
  const stream: Resumable<InstanceUpdate> = {
    document: INSTANCE_UPDATED,
    variables: (cursor) => ({ runId, after: cursor }),
    cursorOf: (item) => item.instanceUpdated.position,
  }
  try {
    for await (const { instanceUpdated } of follow(sockets, stream, { after, signal, attempts: 10 })) {
      printer.instance(instanceUpdated.instance, instanceUpdated.event.recordedAt)
    }
  } catch (error) {
    // Without this stream the lines come from the states that awaitRun reads; what fails for good it meets itself.
    if (!(error instanceof NoStream) && !signal.aborted) printer.warn((error as Error).message)
  }
}
