import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { Plan } from '../../../src/domain/dag/plan.js'
import type { NodeId } from '../../../src/domain/ids.js'
import { isRefused } from '../../../src/domain/rejection.js'
import type { AttemptOutcome, DecisionContext, ReusedInstance, RunCommand } from '../../../src/domain/run/commands.js'
import { decide } from '../../../src/domain/run/decide.js'
import type { ForcedEnd, RunEvent } from '../../../src/domain/run/events.js'
import { evolve } from '../../../src/domain/run/evolve.js'
import { execute } from '../../../src/domain/run/execute.js'
import { settle } from '../../../src/domain/run/settle.js'
import { type InstanceState, isLive, isOpen, NO_RUN, type RunState, statusOf } from '../../../src/domain/run/state.js'
import { evaluateRandom } from './random-plan.js'
import { RunOracle } from './run-oracle.js'
import { request } from './run-spec.js'

const ACTS = {
  dispatch: 30,
  start: 16,
  end: 30,
  retry: 10,
  lose: 6,
  reattach: 4,
  stale: 6,
  cancel: 2,
  force: 3,
  pause: 1,
  resume: 2,
  prioritize: 1,
  cancelRun: 0.2,
  timeOutRun: 0.2,
  expire: 1,
} as const
type Act = keyof typeof ACTS

/** Much more of what is rare. */
export const STORM: { readonly [A in Act]: number } = { ...ACTS, lose: 20, cancel: 8, force: 6, pause: 2, cancelRun: 1 }

/** One thing that happens from outside; `pick` chooses among the instances it may happen to. */
export interface Happening {
  readonly act: Act
  readonly pick: number
  readonly outcome: AttemptOutcome
  readonly forced: ForcedEnd
}

const OUTCOMES = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'STOPPED', 'NOT_STARTED', 'LOST', 'ERRORED'] as const

/** Up to `max` happenings, each act as often as `weights` say. */
export function happenings(max: number, weights: { readonly [A in Act]: number } = ACTS): fc.Arbitrary<Happening[]> {
  const act = fc.oneof(
    ...Object.entries(weights).map(([name, weight]) => ({ weight: weight * 10, arbitrary: fc.constant(name as Act) })),
  )
  const one = fc.record({
    act,
    pick: fc.nat(1_000_000),
    outcome: fc.oneof(
      { weight: 7, arbitrary: fc.constant('SUCCEEDED' as const) },
      ...OUTCOMES.map((each) => fc.constant(each)),
    ),
    forced: fc.constantFrom('SUCCEEDED' as const, 'FAILED' as const, 'SKIPPED' as const, 'CANCELED' as const),
  })
  return fc.array(one, { maxLength: max, size: 'max' })
}

/** The instances to which an act should usually happen; it happens to any other where there are none. */
const FITTING: { readonly [A in Act]?: readonly string[] } = {
  dispatch: ['QUEUED'],
  start: ['DISPATCHED', 'CANCELING', 'UNKNOWN'],
  end: ['RUNNING', 'CANCELING', 'UNKNOWN', 'DISPATCHED'],
  retry: ['RETRY_WAIT'],
  lose: ['DISPATCHED', 'RUNNING', 'CANCELING'],
  reattach: ['UNKNOWN', 'RUNNING'],
  expire: ['QUEUED'],
}

export interface Transition {
  readonly machine: 'run' | 'instance'
  readonly from: string
  readonly event: string
  readonly to: string
}

/** A run under whatever happens to it, watched by the oracle and by two other ways to the same state. */
export class Simulation {
  state: RunState = NO_RUN
  readonly events: RunEvent[] = []
  readonly transitions = new Map<string, Transition>()
  private replayed: RunState = NO_RUN
  private executed: RunState = NO_RUN
  private readonly oracle: RunOracle
  private readonly reports: RunCommand[] = []
  private readonly context: DecisionContext = { now: 0, random: 0.3, evaluate: evaluateRandom }

  constructor(
    private readonly plan: Plan,
    reused: readonly ReusedInstance[],
    isQueued = false,
  ) {
    this.oracle = new RunOracle(plan)
    this.run({ ...request(plan, reused), isQueued } as RunCommand)
  }

  happen({ act, pick, outcome, forced }: Happening): void {
    const task = this.choose(FITTING[act] ?? [], pick)
    if (act === 'cancel') this.oracle.allowCancel(task)
    this.oracle.expire(act === 'expire' ? task : null)
    this.run(this.command(act, task, pick, outcome, forced))
  }

  /** Lets everything that is under way come to its end, and nothing else happen; throws when that takes for ever. */
  drain(): void {
    this.run({ type: 'StartRun' })
    this.run({ type: 'ResumeRun' })
    for (let left = this.plan.tasks.length * 120; isOpen(this.state); left -= 1) {
      if (left === 0) throw new Error('The run is stuck')
      const { instances, plan } = this.state
      const task = (at: number) => plan.tasks[at]?.key as string
      const at = instances.findIndex((instance) => isLive(instance) || 'attempts' in instance)
      if (at < 0) throw new Error('Nothing of the run is under way')
      const { status } = instances[at] as InstanceState
      const act = status === 'QUEUED' ? 'dispatch' : status === 'RETRY_WAIT' ? 'retry' : 'end'
      this.run(this.command(act, task(at), left, 'SUCCEEDED', 'FAILED'))
    }
  }

  private choose(statuses: readonly string[], pick: number): string {
    const { state } = this
    const keys = (isOpen(state) ? state.plan : this.plan).tasks.map((task) => task.key)
    const fitting = isOpen(state)
      ? keys.filter((_, at) => statuses.includes(statusOf(state.instances[at] as InstanceState)))
      : []
    const from = fitting.length > 0 ? fitting : keys
    return from[pick % from.length] as string
  }

  private command(act: Act, task: string, pick: number, outcome: AttemptOutcome, forced: ForcedEnd): RunCommand {
    const attempt = { task, fence: this.fence(task) }
    const node = `node_${pick % 3}` as NodeId
    const result = { exitCode: pick % 3, errorMessage: pick % 2 ? `Said at ${pick}` : null, cpuSeconds: null }
    switch (act) {
      case 'dispatch':
        return { type: 'DispatchInstance', task, node, machineId: null }
      case 'start':
        return this.report({ type: 'ReportStarted', ...attempt, pid: pick })
      case 'end':
        return this.report({ type: 'ReportEnded', ...attempt, outcome, result, output: pick % 7 })
      case 'lose':
        return this.report({ type: 'ReportContactLost', ...attempt, reason: 'cut off' })
      case 'reattach':
        return this.report({ type: 'ReattachInstance', ...attempt, node })
      case 'stale':
        return this.reports[pick % Math.max(1, this.reports.length)] ?? { type: 'ResumeRun' }
      case 'retry':
        return { type: 'RetryInstance', task }
      case 'expire':
        return { type: 'TimeOutInstance', task, attempt: this.attempts(task) + 1 }
      case 'cancel':
        return { type: 'CancelInstance', task, reason: null }
      case 'force':
        return { type: 'ForceInstance', task, status: forced, reason: this.isUnknown(task) ? 'vouched' : 'by hand' }
      case 'pause':
        return { type: 'PauseRun' }
      case 'resume':
        return { type: 'ResumeRun' }
      case 'prioritize':
        if (pick % 2 === 0) return { type: 'SetRunPriority', priority: (pick % 201) - 100, reason: null }
        return { type: 'RaiseRunPriority', by: (pick % 9) + 1, reason: null }
      case 'cancelRun':
        return { type: 'CancelRun', reason: null }
      default:
        return { type: 'TimeOutRun' }
    }
  }

  private report(command: RunCommand): RunCommand {
    this.reports.push(command)
    return command
  }

  private instance(task: string): InstanceState | undefined {
    return isOpen(this.state) ? this.state.instances[this.state.ordinals.get(task) as number] : undefined
  }

  private attempts(task: string): number {
    const instance = this.instance(task)
    return instance !== undefined && 'attempts' in instance ? instance.attempts : 0
  }

  private fence(task: string): number {
    const instance = this.instance(task)
    return instance !== undefined && isLive(instance) ? instance.fence : 1
  }

  private isPresent(task: string, fence: number): boolean {
    const instance = this.instance(task)
    return instance !== undefined && isLive(instance) && instance.fence === fence
  }

  private isUnknown(task: string): boolean {
    const instance = this.instance(task)
    return instance !== undefined && statusOf(instance) === 'UNKNOWN'
  }

  /** As `execute` does, but looking on after every single event. */
  private run(command: RunCommand): void {
    const before = this.events.length
    const decision = decide(command, this.state, this.context)
    const executed = execute(command, this.executed, this.context)
    if (isRefused(decision)) {
      if (!('rejections' in executed)) throw new Error('execute accepted what decide refused')
      return
    }
    if ('fence' in command && decision.length > 0 && !this.isPresent(command.task, command.fence)) {
      throw new Error(`A report of an earlier attempt changed something: ${JSON.stringify(command)}`)
    }
    for (let next = decision; next.length > 0; next = settle(this.state, this.context)) {
      this.oracle.beginBatch()
      for (const event of next) this.apply(event)
    }
    // Of one that waits for other runs nothing goes on, and rightly so.
    if (this.state.status !== 'QUEUED') this.oracle.rest()
    if ('rejections' in executed) throw new Error('execute refused what decide accepted')
    this.executed = executed.state
    same('execute’s events', executed.events, this.events.slice(before))
    same('execute’s state', this.executed, this.state)
  }

  private apply(event: RunEvent): void {
    const key = 'task' in event.data ? event.data.task : null
    const from = this.statuses(key)
    this.oracle.see(event)
    this.state = evolve(this.state, event, this.plan)
    this.events.push(event)
    this.replayed = evolve(this.replayed, JSON.parse(JSON.stringify(event)) as RunEvent, this.plan)
    same('the state replayed', this.replayed, this.state)
    this.count()
    const to = this.statuses(key)
    const machine = key === null ? 'run' : 'instance'
    const transition: Transition = { machine, from, event: event.type, to }
    this.transitions.set(Object.values(transition).join(' '), transition)
  }

  private statuses(task: string | null): string {
    if (task === null) return this.state.status === 'NONE' ? '[*]' : this.state.status
    return statusOf(this.instance(task) as InstanceState)
  }

  private count(): void {
    if (!isOpen(this.state)) return
    same('activeCount', this.state.activeCount, this.oracle.active.size)
    same('openCount', this.state.openCount, this.oracle.openCount)
    same('version', this.state.version, this.events.length)
  }
}

function same(what: string, given: unknown, expected: unknown): void {
  if (isDeepStrictEqual(given, expected)) return
  // Only now, since it is slow: shows where they differ.
  expect({ [what]: given }).toEqual({ [what]: expected })
  throw new Error(`${what} differs in a way that only isDeepStrictEqual sees`)
}
