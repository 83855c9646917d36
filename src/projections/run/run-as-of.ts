import { elementKey, elementOrdinal } from '../../domain/dag/elements.js'
import type { RunEvent } from '../../domain/run/events.js'
import type { InstanceStatus, RunStatus } from '../../domain/run/status.js'
import type { StoredEvent } from '../../history/event.js'
import { readStreamHeads } from '../../history/lock-streams.js'
import { readStream } from '../../history/read-events.js'
import type { Reader } from '../list.js'
import { foldInstance, type InstanceChange, type InstanceEvent, noChange } from './fold-instance.js'
import { foldRun, noRunChange } from './fold-run.js'

/** A run as it stood right after one event of its stream. */
export interface RunAsOf {
  readonly version: number
  readonly recordedAt: Date
  readonly status: RunStatus
  /** In the file's order, then elements. */
  readonly instances: readonly InstanceAsOf[]
}

export interface InstanceAsOf {
  readonly ordinal: number
  readonly taskKey: string
  readonly status: InstanceStatus
  readonly attempt: number
  readonly machineId: string | null
  readonly exitCode: number | null
  readonly queuedAt: Date | null
  readonly startedAt: Date | null
  readonly endedAt: Date | null
}

/** Up to which event; neither: to the last one. */
export interface AsOf {
  readonly version: number | null
  readonly time: Date | null
}

const KEYS = `
  SELECT t.ordinal, t.key FROM run r JOIN task t ON t.plan_id = r.plan_id WHERE r.id = $1::text ORDER BY t.ordinal`

const PAGE = 5_000

/**
 * Folds the run's events with the code that writes its rows, so the present state is what the rows say. Null: the run
 * had not been requested by then, or has no such version yet.
 */
export async function readRunAsOf(db: Reader, runId: string, asOf: AsOf): Promise<RunAsOf | null> {
  const head = (await readStreamHeads(db as never, [runId])).get(runId)
  if (head === undefined || (asOf.version !== null && (asOf.version < 1 || asOf.version > head.version))) return null
  const last = asOf.version ?? head.version
  const fold = new RunFold()
  for (let isDone = false; !isDone && fold.version < last; ) {
    const events = await readStream(db as never, head, fold.version, Math.min(PAGE, last - fold.version))
    if (events.length === 0) break
    for (const event of events) {
      isDone = asOf.time !== null && event.recordedAt > asOf.time
      if (isDone) break
      fold.add(event)
    }
  }
  if (fold.recordedAt === null) return null
  const { rows } = await db.query<{ ordinal: number; key: string }>(KEYS, [runId])
  return fold.result(rows)
}

class RunFold {
  version = 0
  recordedAt: Date | null = null
  readonly #run = noRunChange('', new Date(0))
  readonly #instances = new Map<string, InstanceChange>()
  /** By task, how many elements it has. */
  readonly #lists = new Map<string, number>()

  add({ type, dataText, version, recordedAt }: StoredEvent): void {
    const event = { type, data: JSON.parse(dataText) } as RunEvent
    foldRun(this.#run, event, version, recordedAt)
    this.version = version
    this.recordedAt = recordedAt
    if (!event.type.startsWith('Instance')) return
    const instanceEvent = event as InstanceEvent
    const { task } = instanceEvent.data
    if (instanceEvent.type === 'InstanceExpanded') this.#lists.set(task, instanceEvent.data.items.length)
    let change = this.#instances.get(task)
    if (change === undefined) {
      change = noChange(task, recordedAt)
      this.#instances.set(task, change)
    }
    foldInstance(change, instanceEvent, version, recordedAt)
  }

  result(tasks: readonly { ordinal: number; key: string }[]): RunAsOf {
    return {
      version: this.version,
      recordedAt: this.recordedAt as Date,
      status: this.#run.status as RunStatus,
      instances: [...tasks, ...this.#elementsOf(tasks)].map(({ ordinal, key }) =>
        instanceOf(ordinal, key, this.#instances.get(key)),
      ),
    }
  }

  #elementsOf(tasks: readonly { ordinal: number; key: string }[]): { ordinal: number; key: string }[] {
    return tasks.flatMap(({ ordinal, key }) =>
      Array.from({ length: this.#lists.get(key) ?? 0 }, (_, index) => {
        return { ordinal: elementOrdinal(ordinal, index), key: elementKey(key, index) }
      }),
    )
  }
}

function instanceOf(ordinal: number, taskKey: string, change: InstanceChange | undefined): InstanceAsOf {
  return {
    ordinal,
    taskKey,
    status: (change?.status ?? 'PENDING') as InstanceStatus,
    attempt: change?.attempt ?? 0,
    machineId: change?.machineId ?? null,
    exitCode: change?.exitCode ?? null,
    queuedAt: change?.queuedAt ?? null,
    startedAt: change?.startedAt ?? null,
    endedAt: change?.endedAt ?? null,
  }
}
