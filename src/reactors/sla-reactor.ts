import type { CommandBus } from '../commands/command-bus.js'
import type { Plans } from '../commands/plans.js'
import { readSlaActions, type SlaAction } from '../definitions/sla-actions.js'
import type { Tail } from '../history/tail.js'
import type { Clock } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import type { Encryption } from '../platform/encryption.js'
import type { Logger } from '../platform/logger.js'
import { Loop } from '../platform/loop.js'
import { Throttle } from '../platform/throttle.js'
import { unlessAborted } from '../platform/within.js'
import { getRuns } from '../projections/run/get-runs.js'
import { getBreaches } from '../projections/sla/breaches.js'
import { getSlas } from '../projections/sla/slas.js'
import type { Addresses } from './addresses.js'
import { denialOf } from './author-rights.js'
import { type Claimed, claimDeliveries, noteResult, type Result, skipped, takeBreaches } from './deliveries.js'
import { followUp } from './follow-up.js'
import type { Mailer } from './mailer.js'
import type { Notice } from './notice.js'
import { sendMessage } from './send-message.js'

export interface SlaReactorDependencies {
  readonly database: Database
  readonly bus: CommandBus
  readonly tail: Tail
  /** Shared with the command bus. */
  readonly plans: Plans
  readonly encryption: Encryption
  readonly addresses: Addresses
  /** Null: no SMTP server is known. */
  readonly mailer: Mailer | null
  readonly clock: Clock
  readonly logger: Logger
  /** After each try that failed; one more try than there are. */
  readonly retryDelaysMs?: readonly number[]
}

const INTERVAL_MS = 500
const WAKE_MS = 100
const BATCH = 50
/** Messages that are under way at a time in this process; of one project half of them. */
const MAX_SENDING = 20
/** Longer than a message may take: who has not said what became of it by then is taken for dead. */
const LEASE_MS = 30_000
/** For all that sending one takes: names looked up, connections, answers. */
const MESSAGE_MS = 20_000
const RETRY_DELAYS_MS = [5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000, 7_200_000]

/**
 * Does what SLAs ask for when they are broken, after the event and outside of its transaction:
 *
 *   SlaBreached, SlaResolved in the journal -> cursor: what is owed (sla_delivery) -> claim -> a command, a webhook, a letter
 *
 * What is owed is noted together with how far the journal was read, and neither is a projection: a rebuild or a replay
 * owes nothing again. Commands are done exactly once, by a key of their own; messages at least once, always under the
 * same id. Any number of reactors may run, and die at any moment.
 */
export class SlaReactor extends Loop {
  override readonly name = 'SLA reactor'
  readonly #dependencies: SlaReactorDependencies
  readonly #recheck = new Throttle(WAKE_MS, () => this.wake())
  readonly #sending = new Map<Claimed, Promise<void>>()
  readonly #stopping = new AbortController()
  #unsubscribe: () => void = () => undefined

  constructor(dependencies: SlaReactorDependencies) {
    super({ intervalMs: INTERVAL_MS, logger: dependencies.logger })
    this.#dependencies = dependencies
  }

  override start(signal: AbortSignal): void {
    this.#unsubscribe = this.#dependencies.tail.onHead(() => this.#recheck.ask())
    super.start(signal)
  }

  /** What is being sent is broken off, and sent again by whoever comes next. Closes the mailer. */
  override async stop(): Promise<void> {
    this.#unsubscribe()
    this.#recheck.cancel()
    this.#stopping.abort()
    await super.stop()
    await this.settled()
    this.#dependencies.mailer?.close()
  }

  /** Resolves when nothing is being sent. */
  async settled(): Promise<void> {
    await Promise.all(this.#sending.values())
  }

  override async runOnce(): Promise<boolean> {
    const { database, clock } = this.#dependencies
    const isMore = await takeBreaches(database, clock.now())
    const now = clock.now()
    const lease = new Date(now.getTime() + LEASE_MS)
    const commands = await claimDeliveries(database, 'COMMANDS', { free: BATCH, held: [] }, now, lease)
    const held = [...this.#sending.keys()]
    const room = { free: MAX_SENDING - held.length, held }
    const messages = await claimDeliveries(database, 'MESSAGES', room, now, lease)
    const notices = await this.#notices([...commands, ...messages])
    for (const claimed of messages) this.#begin(claimed, notices)
    // One after another: a command of higher priority is decided first.
    for (const claimed of commands) await this.#attempt(claimed, notices)
    // A project that got its share may have more.
    return isMore || commands.length > 0 || messages.length > 0
  }

  #begin(claimed: Claimed, notices: ReadonlyMap<string, Notice>): void {
    const sending = this.#attempt(claimed, notices).finally(() => {
      this.#sending.delete(claimed)
      this.#recheck.ask()
    })
    this.#sending.set(claimed, sending)
  }

  /** One try, with what became of it. One that cannot even be noted is tried again after its lease. */
  async #attempt(claimed: Claimed, notices: ReadonlyMap<string, Notice>): Promise<void> {
    const { database, clock, logger } = this.#dependencies
    try {
      const notice = notices.get(claimed.breachId)
      const result = notice === undefined ? skipped('The breach is not there') : await this.#perform(claimed, notice)
      await noteResult(database, claimed, result, clock.now())
    } catch (error) {
      logger.error(
        { err: error, breach: claimed.breachId, action: claimed.index },
        'An action failed; it is tried again',
      )
    }
  }

  async #perform(claimed: Claimed, notice: Notice): Promise<Result> {
    const { bus, plans, database } = this.#dependencies
    const [action] = readSlaActions([claimed.action]) as [SlaAction]
    const denial = await denialOf(database, action, notice)
    if (denial !== null) return skipped(denial)
    if (action.type !== 'webhook' && action.type !== 'email') {
      return followUp({ db: database.pool, bus, plans }, claimed, action, notice)
    }
    const { encryption, addresses, mailer, clock } = this.#dependencies
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(MESSAGE_MS)])
    const at = { now: clock.now(), signal }
    const means = { database, encryption, addresses, mailer }
    const sent = await unlessAborted(signal, sendMessage(means, claimed, action, notice, at))
      // What the database says, or that it took too long.
      .catch((error: Error) => ({
        isDone: false,
        isFinal: false,
        responseCode: null,
        message: error.message.slice(0, 500),
      }))
    const { isDone, isFinal, responseCode, message } = sent
    if (isDone) return { status: 'DONE', responseCode, message: null, nextTryAt: null }
    const delay = this.#stopping.signal.aborted ? 0 : this.#delayAfter(claimed.attempts)
    if (isFinal || delay === undefined) return { status: 'FAILED', responseCode, message, nextTryAt: null }
    return { status: 'PENDING', responseCode, message, nextTryAt: new Date(clock.now().getTime() + delay) }
  }

  #delayAfter(attempts: number): number | undefined {
    return (this.#dependencies.retryDelaysMs ?? RETRY_DELAYS_MS)[attempts - 1]
  }

  async #notices(all: readonly Claimed[]): Promise<Map<string, Notice>> {
    if (all.length === 0) return new Map()
    const { pool } = this.#dependencies.database
    const breaches = await getBreaches(pool, [...new Set(all.map(({ breachId }) => breachId))], null)
    const slaIds = [...new Set(breaches.map(({ slaId }) => slaId))]
    const slas = new Map((await getSlas(pool, slaIds, null)).map((sla) => [sla.id, sla]))
    const runIds = [...new Set(breaches.flatMap(({ runId }) => runId ?? []))]
    const runs = new Map((await getRuns(pool, runIds, null)).map((run) => [run.id, run]))
    const notices = new Map<string, Notice>()
    for (const breach of breaches) {
      const sla = slas.get(breach.slaId)
      const run = breach.runId === null ? null : (runs.get(breach.runId) ?? null)
      if (sla !== undefined) notices.set(breach.id, { sla, breach, run })
    }
    return notices
  }
}
