import { hasEnded, type Run } from '../runs/run.js'
import { hasInstanceEnded, type InstanceProgress } from '../runs/run-watcher.js'
import { type Waits, waitText } from '../runs/waits.js'
import { type Forecast, forecast, type TaskToDo } from './forecast.js'
import { type Plan, planOf } from './levels.js'
import type { UsualDurations } from './usual-durations.js'

/** What is known beside the run's own state; undefined: not yet, or it could not be read. */
export interface Surroundings {
  readonly needs: ReadonlyMap<string, readonly string[]>
  readonly maxParallel: number
  readonly freeSlots: number
  readonly usual: UsualDurations | undefined
}

const NOTHING_KNOWN: Surroundings = {
  needs: new Map(),
  maxParallel: Number.POSITIVE_INFINITY,
  freeSlots: Number.POSITIVE_INFINITY,
  usual: undefined,
}

/** They are executed by the server itself. */
const WITHOUT_SLOT = new Set(['noop', 'http', 'thread'])
const WAITING = new Set(['QUEUED', 'RETRY_WAIT'])
const UNDER_WAY = new Set(['DISPATCHED', 'RUNNING', 'CANCELING', 'UNKNOWN'])

/** A run as it is known now: its instances, what they wait for, and how long the rest may take. Times are the server's. */
export class Board {
  private readonly tasks = new Map<string, InstanceProgress>()
  private run: Run | undefined
  private status = ''
  private known = NOTHING_KNOWN
  private planned: Plan | undefined
  private waits: Waits = new Map()
  private remaining: { readonly seconds: number; readonly at: number } | null = null

  setRun(run: Run): void {
    this.run = run
    if (!hasEnded(this.status)) this.status = run.status
  }

  setStatus(status: string): void {
    if (!hasEnded(this.status)) this.status = status
  }

  setInstance(progress: InstanceProgress): void {
    const last = this.tasks.get(progress.taskKey)
    if (last !== undefined && hasInstanceEnded(last.status)) return
    if (last === undefined) this.planned = undefined
    this.tasks.set(progress.taskKey, progress)
  }

  setWaits(waits: Waits): void {
    this.waits = waits
  }

  /** What keeps the task, while it waits for capacity or a retry; empty: nothing that is known. */
  waitOf(key: string): string {
    return WAITING.has(this.task(key).status) ? waitText(this.waits.get(key) ?? []) : ''
  }

  know(known: Partial<Surroundings>): void {
    this.known = { ...this.known, ...known }
    this.planned = undefined
  }

  /** What the server said is left, at that time of its; null: it cannot tell. */
  setRemaining(seconds: number | null, at: number): void {
    this.remaining = seconds === null ? null : { seconds, at }
  }

  /** What is left of that at `now`, in seconds; null: the server has not said. */
  remainingAt(now: number): number | null {
    if (this.remaining === null) return null
    return Math.max(0, this.remaining.seconds - Math.max(0, now - this.remaining.at) / 1_000)
  }

  get state(): { readonly run: Run | undefined; readonly status: string; readonly usual: UsualDurations | undefined } {
    return { run: this.run, status: this.status, usual: this.known.usual }
  }

  get plan(): Plan {
    this.planned ??= planOf(
      [...this.tasks.values()].map(({ taskKey, executionOrder }) => ({ key: taskKey, order: executionOrder })),
      this.known.needs,
    )
    return this.planned
  }

  /** One of the plan's. */
  task(key: string): InstanceProgress {
    return this.tasks.get(key) as InstanceProgress
  }

  /** How many of these there are in each status. */
  countsOf(keys: readonly string[]): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const key of keys) {
      const { status } = this.task(key)
      counts.set(status, (counts.get(status) ?? 0) + 1)
    }
    return counts
  }

  /** undefined: no earlier run is there to judge by. `now` is the server's time in ms. */
  forecast(now: number): Forecast | undefined {
    const { usual, freeSlots, maxParallel } = this.known
    if (usual === undefined || usual.seconds.size === 0) return undefined
    const { keys, needs } = this.plan
    const left = keys.filter((key) => !hasInstanceEnded(this.task(key).status))
    const isLeft = new Set(left)
    const tasks = left.map((key): TaskToDo => {
      const task = this.task(key)
      return {
        key,
        needs: (needs.get(key) ?? []).filter((need) => isLeft.has(need)),
        elapsed: UNDER_WAY.has(task.status) ? elapsedSeconds(task, now) : null,
        usual: usual.seconds.get(key),
        takesSlot: !WITHOUT_SLOT.has(task.engine),
      }
    })
    const own = tasks.filter(({ elapsed, takesSlot }) => elapsed !== null && takesSlot).length
    return forecast(tasks, { parallel: maxParallel, slots: freeSlots + own })
  }
}

/** Seconds that an instance has taken so far; 0 before it has started. */
export function elapsedSeconds({ startedAt, endedAt, durationSeconds }: InstanceProgress, now: number): number {
  if (durationSeconds !== null) return durationSeconds
  if (startedAt === null) return 0
  return Math.max(0, (endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt)) / 1_000
}
