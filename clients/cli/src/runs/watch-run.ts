import { follow, NoStream, type Resumable } from '../graphql/follow.js'
import { patiently } from '../graphql/patiently.js'
import type { Connection } from '../world.js'
import { awaitRun } from './await-run.js'
import { readInstances } from './instances.js'
import type { Run } from './run.js'
import type { InstanceProgress, RunWatcher } from './run-watcher.js'
import { watchWaits } from './waits.js'

const INSTANCE_UPDATED = /* GraphQL */ `
  subscription InstanceUpdated($runId: ID!, $after: Position) {
    instanceUpdated(runId: $runId, after: $after) {
      position
      event { recordedAt }
      instance {
        taskKey status engine executionOrder exitCode errorMessage startedAt endedAt durationSeconds attempts { number }
      }
    }
  }
`

interface InstanceUpdate {
  readonly instanceUpdated: {
    readonly position: string
    readonly event: { readonly recordedAt: string }
    readonly instance: InstanceProgress
  }
}

/**
 * Waits like `awaitRun` and shows each change of the run and its instances on the way. The two subscriptions are not
 * ordered against each other, so the state that is read with the end shows what is still missing.
 */
export async function watchRun(
  connection: Connection,
  runId: string,
  watcher: RunWatcher,
  options: { readonly signal: AbortSignal; readonly minPosition?: string | null },
): Promise<Run> {
  const ended = new AbortController()
  const signal = AbortSignal.any([ended.signal, options.signal])
  let listening: Promise<void> | undefined
  const waiting = watchWaits(connection.api, runId, (waits, at) => watcher.waits(waits, at), signal)
  try {
    return await awaitRun(connection, runId, {
      ...options,
      onStatus: (status, at) => watcher.run(status, at),
      onState: async ({ data: run, position }) => {
        await patiently(signal, () => catchUp(connection, run, watcher))
        listening ??= listenToInstances(connection, runId, position, watcher, signal)
      },
    })
  } finally {
    ended.abort()
    await Promise.all([listening, waiting])
    watcher.end()
  }
}

/** Shows the state as it was read. */
async function catchUp({ api }: Connection, run: Run, watcher: RunWatcher): Promise<void> {
  watcher.state(run)
  for (const instance of await readInstances(api, run.id, Number.POSITIVE_INFINITY)) {
    const at = instance.endedAt ?? instance.startedAt ?? instance.queuedAt
    watcher.instance(instance, at ?? run.createdAt, false)
  }
  watcher.run(run.status, run.endedAt ?? run.startedAt ?? run.createdAt)
}

async function listenToInstances(
  { sockets }: Connection,
  runId: string,
  after: string,
  watcher: RunWatcher,
  signal: AbortSignal,
): Promise<void> {
  const stream: Resumable<InstanceUpdate> = {
    document: INSTANCE_UPDATED,
    variables: (cursor) => ({ runId, after: cursor }),
    cursorOf: (item) => item.instanceUpdated.position,
  }
  try {
    for await (const { instanceUpdated } of follow(sockets, stream, { after, signal, attempts: 10 })) {
      watcher.instance(instanceUpdated.instance, instanceUpdated.event.recordedAt, true)
    }
  } catch (error) {
    // Without this stream the lines come from the states that awaitRun reads; what fails for good it meets itself.
    if (!(error instanceof NoStream) && !signal.aborted) watcher.warn((error as Error).message)
  }
}
