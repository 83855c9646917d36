import type { CommandBus } from '../commands/command-bus.js'
import type { CommandId } from '../domain/ids.js'
import type { RunCommand } from '../domain/run/commands.js'
import type { Tail } from '../history/tail.js'
import type { Clock } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import { newId } from '../platform/ids.js'
import type { Logger } from '../platform/logger.js'
import { Throttle } from '../platform/throttle.js'
import { Wake } from '../platform/wake.js'
import { type DueTimer, dueTimers, nextTimer } from './due-timers.js'

/** However far away the next timer is, the clock may jump, and another process may set one. */
const MAX_SLEEP_MS = 1_000
const RECHECK_MS = 100
const BATCH = 500

/**
 * The clock's door: what is due becomes a command. Any number of schedulers may run: a timer that another has fired
 * finds nothing to do any more, since the command is decided on the run as it is by then.
 */
export class Scheduler {
  readonly #stop = new AbortController()
  readonly #wake = new Wake()
  /** A commit may have set a timer that is due before the one we sleep for. */
  readonly #recheck = new Throttle(RECHECK_MS, () => this.#wake.set())
  #unsubscribe: () => void = () => undefined
  #running: Promise<void> = Promise.resolve()

  constructor(
    private readonly database: Database,
    private readonly bus: CommandBus,
    private readonly tail: Tail,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.#unsubscribe = this.tail.onHead(() => this.#recheck.ask())
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#unsubscribe()
    this.#recheck.cancel()
    this.#stop.abort()
    await this.#running
  }

  /** Fires what is due. Answers how long there is nothing to do. */
  async runOnce(): Promise<number> {
    const now = this.clock.now()
    const due = await dueTimers(this.database.pool, now, BATCH)
    await Promise.all(due.map((timer) => this.#fire(timer)))
    if (due.length >= BATCH) return 0
    const next = await nextTimer(this.database.pool)
    const sleep = next === null ? MAX_SLEEP_MS : next.getTime() - this.clock.now().getTime()
    // A timer that stays due although it was fired must not make this loop spin.
    return Math.min(Math.max(sleep, due.length > 0 ? RECHECK_MS : 1), MAX_SLEEP_MS)
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      const sleep = await this.runOnce().catch((error: unknown) => {
        this.logger.warn({ err: error }, 'Timers could not be fired; trying again')
        return MAX_SLEEP_MS
      })
      await this.#wake.wait(sleep, signal)
    }
  }

  /** A refusal means that the run has moved on: nothing is owed. */
  async #fire(timer: DueTimer): Promise<void> {
    const command: RunCommand =
      timer.kind === 'RETRY' ? { type: 'RetryInstance', task: timer.taskKey } : { type: 'TimeOutRun' }
    const id = newId('command') as CommandId
    const cause = { actor: 'system', correlationId: null, causationId: null, once: null }
    await this.bus.execute({ aggregate: 'run', command, id, streamId: timer.runId, ...cause })
  }
}
