import type { Plan, PlannedTask } from '../../../src/domain/dag/plan.js'
import { END_OF, type RunEvent } from '../../../src/domain/run/events.js'
import type { InstanceEnd } from '../../../src/domain/run/status.js'
import { evaluateRandom } from './random-plan.js'
import { expectedRuling } from './rule-oracle.js'

interface Seen {
  is: 'pending' | 'expanded' | 'queued' | 'live' | 'retry wait'
  attempts: number
  userFailures: number
  lostAttempts: number
  mayBeCanceled: boolean
  forcedTo: string | null
}

const RUN_ENDS = { RunSucceeded: 'SUCCEEDED', RunFailed: 'FAILED', RunCanceled: 'CANCELED', RunTimedOut: 'TIMED_OUT' }

/**
 * Reads a run's events one by one, knowing only the plan and the meanings decided for it, and throws at the first that
 * must not be. It shares no code with `src/domain/run` but the event types.
 */
export class RunOracle {
  readonly ends = new Map<string, InstanceEnd>()
  readonly active = new Set<string>()
  runEnd: string | null = null
  private version = 0
  private lastFence = 0
  private isPaused = false
  private priority = 0
  private stopping: 'CANCELED' | 'TIMED_OUT' | null = null
  private expiring: string | null = null
  private outputs: { readonly [task: string]: unknown } = {}
  private readonly outputsNow: { [task: string]: unknown } = {}
  private readonly seen: Map<string, Seen>
  /** With the elements of lists, as they come. */
  private readonly tasks: Map<string, PlannedTask>

  constructor(private readonly plan: Plan) {
    this.tasks = new Map(plan.tasks.map((task) => [task.key, task]))
    const fresh = { attempts: 0, userFailures: 0, lostAttempts: 0, mayBeCanceled: false, forcedTo: null }
    this.seen = new Map(plan.tasks.map((task) => [task.key, { is: 'pending', ...fresh }]))
  }

  /** Conditions see the outputs that were there when they were asked: before the first event of their batch. */
  beginBatch(): void {
    this.outputs = { ...this.outputsNow }
  }

  see(event: RunEvent): void {
    this.version += 1
    check(this.runEnd === null, event, `the run has ended ${this.runEnd}`)
    if (event.type.startsWith('Run')) this.seeRun(event)
    else this.seeInstance(event as Extract<RunEvent, { type: `Instance${string}` }>)
    check(this.active.size <= (this.plan.maxParallel ?? Infinity), event, 'more are active than maxParallel')
  }

  /** What must hold when a command has been dealt with: nothing that could go on waits for nobody. */
  rest(): void {
    if (this.openCount === 0) check(this.runEnd !== null, null, 'nothing is open, but the run is')
    if (this.runEnd !== null) return
    check(this.openCount > 0, null, 'the run has not ended with its last instance')
    for (const task of this.tasks.values()) {
      if (this.ends.has(task.key) || this.seen.get(task.key)?.is !== 'pending') continue
      const isFull = this.active.size === this.plan.maxParallel
      const ruling = this.ruling(task)
      check(ruling === 'WAIT' || (ruling === 'READY' && isFull), null, `${task.key} stays pending, ruled ${ruling}`)
    }
  }

  get openCount(): number {
    return this.tasks.size - this.ends.size
  }

  private seeRun(event: RunEvent): void {
    switch (event.type) {
      case 'RunPaused':
      case 'RunResumed':
        check(this.stopping === null && this.isPaused === (event.type === 'RunResumed'), event, 'it is so already')
        this.isPaused = event.type === 'RunPaused'
        return
      case 'RunPriorityChanged': {
        const { priority } = event.data
        check(this.stopping === null && priority !== this.priority, event, 'it is so already, or nothing waits')
        check(Math.abs(priority) <= 100, event, 'out of bounds')
        this.priority = priority
        return
      }
      case 'RunCancelRequested':
      case 'RunTimeoutReached':
        check(this.stopping === null, event, 'a stop was decided before')
        this.stopping = event.type === 'RunTimeoutReached' ? 'TIMED_OUT' : 'CANCELED'
        for (const seen of this.seen.values()) seen.mayBeCanceled = true
        return
      case 'RunSucceeded':
      case 'RunFailed':
      case 'RunCanceled':
      case 'RunTimedOut':
        check(this.openCount === 0, event, 'an instance is open')
        check(RUN_ENDS[event.type] === this.expectedEnd(), event, `the end is ${this.expectedEnd()}`)
        this.runEnd = event.type
        return
      default:
        check(this.version <= this.plan.tasks.length + 2, event, 'it belongs to the beginning')
    }
  }

  private expectedEnd(): string {
    if (this.stopping !== null) return this.stopping
    const isNeeded = (key: string) => this.plan.tasks.some(({ needs }) => needs.includes(this.task(key).ordinal))
    const failed = [...this.ends].filter(([key, end]) => hasFailed(end) && this.task(key).elementOf === undefined)
    return failed.some(([key]) => !this.plan.skipFailed || !isNeeded(key)) ? 'FAILED' : 'SUCCEEDED'
  }

  private seeInstance(event: Extract<RunEvent, { type: `Instance${string}` }>): void {
    const task = this.task(event.data.task)
    const seen = this.seen.get(task.key) as Seen
    check(!this.ends.has(task.key), event, `${task.key} has ended ${this.ends.get(task.key)}`)
    const isLive = seen.is === 'live'
    switch (event.type) {
      case 'InstanceExpanded':
        check(this.stopping === null && seen.is === 'pending', event, 'a stopped run, or no new instance')
        this.mayStart(task, event)
        check(event.data.items.length === (task.forEach as unknown[]).length, event, 'its list has other elements')
        seen.is = 'expanded'
        for (const index of event.data.items.keys()) this.addElement(task, index)
        return
      case 'InstanceQueued':
        check(this.stopping === null && event.data.isHeld === this.isPaused, event, 'a stopped or paused run')
        check(event.data.attempt === seen.attempts + 1, event, `attempt ${seen.attempts} was the last`)
        if (seen.is === 'pending') this.mayStart(task, event)
        else check(seen.is === 'retry wait', event, `it was ${seen.is}`)
        seen.is = 'queued'
        this.active.add(task.key)
        return
      case 'InstanceDispatched':
        check(seen.is === 'queued' && this.stopping === null && !this.isPaused, event, `it was ${seen.is}`)
        check(event.data.attempt === seen.attempts + 1, event, `attempt ${seen.attempts} was the last`)
        check(this.version > this.lastFence, event, `fence ${this.lastFence} was the last`)
        this.lastFence = this.version
        seen.attempts += 1
        seen.is = 'live'
        return
      case 'InstanceAttemptFailed':
        check(event.data.attempt === seen.attempts, event, `attempt ${seen.attempts} was the last`)
        check(isLive && !seen.mayBeCanceled && seen.forcedTo === null, event, `it was ${seen.is} or being stopped`)
        if (event.data.budget === 'USER') seen.userFailures += 1
        else seen.lostAttempts += 1
        check(seen.userFailures < task.retry.maxAttempts, event, 'the user allowed no more attempts')
        check(seen.lostAttempts <= 5, event, 'the infrastructure allowed no more attempts')
        seen.is = 'retry wait'
        return
      case 'InstanceCancelRequested':
        check(isLive, event, `it was ${seen.is}`)
        seen.mayBeCanceled = true
        return
      case 'InstanceForceRequested':
        check(isLive && seen.forcedTo === null, event, `it was ${seen.is}`)
        seen.forcedTo = event.data.status
        return
      case 'InstanceStarted':
        check(isLive && event.data.attempt === seen.attempts, event, `it was ${seen.is} at attempt ${seen.attempts}`)
        return
      case 'InstanceContactLost':
      case 'InstanceReattached':
        check(isLive, event, `it was ${seen.is}`)
        return
      case 'InstanceReused':
        check(this.version <= this.plan.tasks.length + 1, event, 'it belongs to the beginning')
        this.end(task, event.data.status, event.data.output)
        return
      default:
        this.mayEnd(task, seen, event)
        this.end(task, END_OF[event.type], event.data.output)
    }
  }

  private mayStart(task: PlannedTask, event: RunEvent): void {
    check(this.ruling(task) === 'READY', event, `its rule says ${this.ruling(task)}`)
    check(this.condition(task) === true, event, `its condition is ${this.condition(task)}`)
  }

  private mayEnd(task: PlannedTask, seen: Seen, event: Extract<RunEvent, { data: { forcedBecause: unknown } }>): void {
    const end = END_OF[event.type]
    if (seen.forcedTo !== null && event.data.forcedBecause !== 'vouched') {
      check(end === seen.forcedTo, event, `it was forced to ${seen.forcedTo}`)
    }
    check(event.data.attempt === (seen.is === 'live' ? seen.attempts : null), event, `its attempts: ${seen.attempts}`)
    if (event.data.forcedBecause !== null || seen.is === 'live') return
    if (seen.is === 'expanded') {
      check(
        end === this.expectedOfElements(task.ordinal),
        event,
        `its elements say ${this.expectedOfElements(task.ordinal)}`,
      )
      return
    }
    if (end === 'CANCELED') {
      check(seen.mayBeCanceled, event, 'nobody canceled it')
      return
    }
    if (end === 'TIMED_OUT') {
      check(seen.is === 'queued' && this.expiring === task.key, event, `it was ${seen.is}`)
      return
    }
    check(seen.is === 'pending', event, `it was ${seen.is}`)
    const ruling = this.ruling(task)
    const condition = ruling === 'READY' ? this.condition(task) : true
    const expected = condition === 'throws' ? 'ERRORED' : condition ? ruling : 'SKIPPED'
    check(end === expected, event, `its rule and condition say ${expected}`)
  }

  private end(task: PlannedTask, end: InstanceEnd, output: unknown): void {
    this.ends.set(task.key, end)
    this.active.delete(task.key)
    this.outputsNow[task.key] = output
  }

  private addElement(task: PlannedTask, index: number): void {
    const key = `${task.key}[${index}]`
    const { forEach: _, ...rest } = task
    this.tasks.set(key, { ...rest, key, needs: [], condition: null, elementOf: task.ordinal })
    const fresh = { attempts: 0, userFailures: 0, lostAttempts: 0, mayBeCanceled: false, forcedTo: null }
    this.seen.set(key, { is: 'pending', ...fresh })
  }

  private elementsOf(ordinal: number): string[] {
    return [...this.tasks.values()].filter((task) => task.elementOf === ordinal).map((task) => task.key)
  }

  private expectedOfElements(ordinal: number): string {
    const ends = this.elementsOf(ordinal).map((key) => this.ends.get(key))
    if (ends.includes(undefined)) return 'that they go on'
    if (ends.some((end) => hasFailed(end) && end !== 'CANCELED')) return 'FAILED'
    if (ends.includes('CANCELED')) return 'CANCELED'
    return ends.length > 0 && ends.every((end) => end === 'SKIPPED') ? 'SKIPPED' : 'SUCCEEDED'
  }

  private ruling(task: PlannedTask): string {
    if (task.needs.length === 0) return 'READY'
    const ends = task.needs.map((need) => this.ends.get((this.plan.tasks[need] as PlannedTask).key))
    const isSuccess = (end?: InstanceEnd) => end === 'SUCCEEDED' || (this.plan.skipFailed && hasFailed(end))
    return expectedRuling(task.triggerRule, {
      succeeded: ends.filter(isSuccess).length,
      failed: ends.filter((end) => hasFailed(end) && !isSuccess(end)).length,
      skipped: ends.filter((end) => end === 'SKIPPED').length,
      pending: ends.filter((end) => end === undefined).length,
    })
  }

  private condition(task: PlannedTask): boolean | 'throws' {
    try {
      return task.condition === null || evaluateRandom(task.condition, { outputs: this.outputs as never })
    } catch {
      return 'throws'
    }
  }

  /** Its wait in a queue is over, if it waits in one; of what follows no other may be. */
  expire(task: string | null): void {
    this.expiring = task
  }

  allowCancel(task: string): void {
    const seen = this.seen.get(task)
    if (seen === undefined) return
    seen.mayBeCanceled ||= seen.is !== 'live'
    if (seen.is === 'expanded') for (const key of this.elementsOf(this.task(task).ordinal)) this.allowCancel(key)
  }

  private task(key: string): PlannedTask {
    return this.tasks.get(key) as PlannedTask
  }
}

function hasFailed(end?: InstanceEnd): boolean {
  return end !== undefined && end !== 'SUCCEEDED' && end !== 'SKIPPED'
}

function check(holds: boolean, event: RunEvent | null, because: string): void {
  if (!holds) throw new Error(`${event === null ? 'At rest' : JSON.stringify(event)}: ${because}`)
}
