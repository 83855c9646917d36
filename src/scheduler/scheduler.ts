import type { CommandBus } from '../commands/command-bus.js'
import type { CommandId } from '../domain/ids.js'
import type { RunCommand } from '../domain/run/commands.js'
import type { Tail } from '../history/tail.js'
import type { Clock } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import { newId } from '../platform/ids.js'
import type { Logger } from '../platform/logger.js'
import { Loop } from '../platform/loop.js'
import { Throttle } from '../platform/throttle.js'
import { type DueTimer, dueTimers, nextTimer } from './due-timers.js'

/** However far away the next timer is, the clock may jump, and another process may set one. */
const MAX_SLEEP_MS = 1_000
const RECHECK_MS = 100
const BATCH = 500

/**
 * The clock's door: what is due becomes a command. Any number of schedulers may run: a timer that another has fired
 * finds nothing to do any more, since the command is decided on the run as it is by then.
 */
export class Scheduler extends Loop {
  override readonly name = 'scheduler'
  /** A commit may have set a timer that is due before the one we sleep for. */
  readonly #recheck = new Throttle(RECHECK_MS, () => this.wake())
  #nextDue: NodeJS.Timeout | undefined
  #unsubscribe: () => void = () => undefined

  constructor(
    private readonly database: Database,
    private readonly bus: CommandBus,
    private readonly tail: Tail,
    private readonly clock: Clock,
    logger: Logger,
  ) {
    super({ intervalMs: MAX_SLEEP_MS, logger })
  }

  override start(signal: AbortSignal): void {
    this.#unsubscribe = this.tail.onHead(() => this.#recheck.ask())
    super.start(signal)
  }

  override async stop(): Promise<void> {
    this.#unsubscribe()
    this.#recheck.cancel()
    await super.stop()
    clearTimeout(this.#nextDue)
  }

  /** Fires what is due, and has itself woken when the next is. */
  override async runOnce(): Promise<boolean> {
    const due = await dueTimers(this.database.pool, this.clock.now(), BATCH)
    await Promise.all(due.map((timer) => this.#fire(timer)))
    if (due.length >= BATCH) return true
    const next = await nextTimer(this.database.pool)
    clearTimeout(this.#nextDue)
    if (next === null) return false
    // A timer that stays due although it was fired must not make this loop spin.
    const sleep = Math.max(next.getTime() - this.clock.now().getTime(), due.length > 0 ? RECHECK_MS : 1)
    if (sleep < MAX_SLEEP_MS) this.#nextDue = setTimeout(() => this.wake(), sleep)
    return false
  }

  /** A refusal means that the run has moved on: nothing is owed. */
  async #fire(timer: DueTimer): Promise<void> {
    const command: RunCommand =
      timer.kind === 'RETRY'
        ? { type: 'RetryInstance', task: timer.taskKey, attempt: timer.attempt }
        : { type: 'TimeOutRun' }
    const id = newId('command') as CommandId
    const cause = { actor: 'system', correlationId: null, causationId: null, once: null }
    await this.bus.execute({ aggregate: 'run', command, id, streamId: timer.runId, ...cause })
  }
}
