import { closedBy, queuesOf } from '../commands/closed-queues.js'
import type { CommandBus } from '../commands/command-bus.js'
import { prepareFires } from '../commands/fire-schedule.js'
import type { Plans } from '../commands/plans.js'
import type { Prepared } from '../commands/prepared.js'
import { systemCommand } from '../commands/system-command.js'
import type { RunCommand } from '../domain/run/commands.js'
import type { Tail } from '../history/tail.js'
import type { Clock } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import type { Logger } from '../platform/logger.js'
import { Loop } from '../platform/loop.js'
import { Throttle } from '../platform/throttle.js'
import { findQueueTerms } from '../projections/capacity/find-names.js'
import { type DueSchedule, dueSchedules, nextScheduleAt } from '../projections/schedule/due-schedules.js'
import { type LineStep, runsInLine } from '../projections/schedule/runs-in-line.js'
import { type DueTimer, dueTimers, nextTimer } from './due-timers.js'
import { planAdvance } from './plan-advance.js'

/** However far away the next timer is, the clock may jump, and another process may set one. */
const MAX_SLEEP_MS = 1_000
const RECHECK_MS = 100
const BATCH = 500

export interface SchedulerDependencies {
  readonly database: Database
  readonly bus: CommandBus
  readonly tail: Tail
  /** Shared with the command bus. */
  readonly plans: Plans
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * The clock's door: what is due becomes a command. Any number of schedulers may run, and die at any moment: a timer that
 * another has fired finds nothing to do any more, since the command is decided on the run, or on the schedule, as it is
 * by then; and what nobody has done yet is found again in the tables.
 */
export class Scheduler extends Loop {
  override readonly name = 'scheduler'
  readonly #dependencies: SchedulerDependencies
  /** A commit may have set a timer that is due before the one we sleep for. */
  readonly #recheck = new Throttle(RECHECK_MS, () => this.wake())
  #nextDue: NodeJS.Timeout | undefined
  #unsubscribe: () => void = () => undefined

  constructor(dependencies: SchedulerDependencies) {
    super({ intervalMs: MAX_SLEEP_MS, logger: dependencies.logger })
    this.#dependencies = dependencies
  }

  override start(signal: AbortSignal): void {
    this.#unsubscribe = this.#dependencies.tail.onHead(() => this.#recheck.ask())
    super.start(signal)
  }

  override async stop(): Promise<void> {
    this.#unsubscribe()
    this.#recheck.cancel()
    await super.stop()
    clearTimeout(this.#nextDue)
  }

  /** Fires what is due, lets runs begin whose turn has come, and has itself woken when the next is due. */
  override async runOnce(): Promise<boolean> {
    const { database, clock } = this.#dependencies
    const { pool } = database
    const now = clock.now()
    const [timers, schedules, steps] = await Promise.all([
      dueTimers(pool, now, BATCH).then((due) => this.#each(due, (timer) => this.#fireTimer(timer))),
      dueSchedules(pool, now, BATCH).then((due) => this.#fireSchedules(due, now)),
      runsInLine(pool, BATCH).then((due) => this.#each(due, (step) => this.#takeStep(step))),
    ])
    if (Math.max(timers, schedules, steps) >= BATCH) return true
    const next = earlier(...(await Promise.all([nextTimer(pool), nextScheduleAt(pool)])))
    clearTimeout(this.#nextDue)
    if (next === null) return false
    // A timer that stays due although it was fired must not make this loop spin.
    const sleep = Math.max(next.getTime() - clock.now().getTime(), timers + schedules > 0 ? RECHECK_MS : 1)
    if (sleep < MAX_SLEEP_MS) this.#nextDue = setTimeout(() => this.wake(), sleep)
    return false
  }

  /** A refusal means that the run has moved on: nothing is owed. */
  async #fireTimer(timer: DueTimer): Promise<void> {
    await this.#execute({ streamId: timer.runId, command: { aggregate: 'run', command: commandOf(timer) } })
  }

  async #fireSchedules(due: readonly DueSchedule[], now: Date): Promise<number> {
    if (due.length === 0) return 0
    const { database, plans } = this.#dependencies
    const ids = due.map(({ latestVersionId }) => latestVersionId)
    const planOf = await plans.load(database.pool, ids)
    const queues = new Set([...planOf.values()].flatMap(({ tasks }) => queuesOf(tasks)))
    const terms = await findQueueTerms(database.pool, [...queues])
    return this.#each(due, async (schedule) => {
      const plan = planOf.get(schedule.latestVersionId)
      if (plan === undefined) throw new Error(`DAG version ${schedule.latestVersionId} has no definition`)
      const planned = planAdvance(schedule, now.getTime(), plan.tasks.length)
      const isClosed = closedBy(terms, schedule.projectId, plan.tasks, 'dagId').length > 0
      await this.#execute(prepareFires(plan, schedule, planned, isClosed))
    })
  }

  async #takeStep({ runId, step, reason }: LineStep): Promise<void> {
    const command = step === 'START' ? ({ type: 'StartRun' } as const) : ({ type: 'CancelRun', reason } as const)
    await this.#execute({ streamId: runId, command: { aggregate: 'run', command } })
  }

  /** How many they were. One that cannot be done keeps no other from it. */
  async #each<Due extends object>(due: readonly Due[], act: (one: Due) => Promise<void>): Promise<number> {
    const { logger } = this.#dependencies
    const attempt = (one: Due) =>
      act(one).catch((error: unknown) =>
        logger.error({ err: error, due: one }, 'What is due failed; it is tried again'),
      )
    await Promise.all(due.map(attempt))
    return due.length
  }

  async #execute(prepared: Prepared): Promise<void> {
    await this.#dependencies.bus.execute(systemCommand(prepared))
  }
}

function commandOf(timer: DueTimer): RunCommand {
  if (timer.kind === 'RUN_TIMEOUT') return { type: 'TimeOutRun' }
  const { taskKey: task, attempt } = timer
  return { type: timer.kind === 'RETRY' ? 'RetryInstance' : 'TimeOutInstance', task, attempt }
}

function earlier(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other
  return one < other ? one : other
}
