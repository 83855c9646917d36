import { type AttemptRef, type Machine, MachineError } from '../machines/machine.js'
import type { Database } from '../platform/database.js'
import type { Logger } from '../platform/logger.js'
import { Loop } from '../platform/loop.js'
import type { SecretStore } from './attempt-secrets.js'
import type { MachineFleet, Spool } from './machine-fleet.js'
import { readEnded } from './read-ended.js'

const CLEAN_MS = 900_000
/** Attempts that the database is asked of at once. */
const BATCH = 1_000
/** From TERM to KILL, for what lives on after its end. */
const GRACE_MS = 10_000

export interface SpoolCleanerDependencies {
  readonly fleet: Pick<MachineFleet, 'spools'>
  readonly database: Pick<Database, 'pool'>
  readonly secretStore: Pick<SecretStore, 'forgetLeft'>
  /** How long the mark of a forgotten attempt stays on its host: a start that comes later is not refused any more. */
  readonly keepMs: number
  readonly logger: Logger
}

/**
 * Removes what attempts leave on hosts. Whoever executes one forgets it when its end is stored; what a dead server did not
 * forget, or one that just then lost contact, is forgotten here, once the tables have its end. If it lives, its end was decided
 * by hand while nobody reached it: it is stopped. An attempt that they do not have, or whose end they do not have (a database
 * that was restored), stays for ever: its output may be nowhere else.
 */
export class SpoolCleaner extends Loop {
  override readonly name = 'spool cleaner'
  /** By machine and user: how many stay, so that it is told when it changes. */
  readonly #kept = new Map<string, number>()

  constructor(private readonly dependencies: SpoolCleanerDependencies) {
    super({ intervalMs: CLEAN_MS, logger: dependencies.logger })
  }

  /** Does not wait for what takes long when it is stopped: closing the machines ends that. */
  override async runOnce(signal: AbortSignal): Promise<boolean> {
    await this.dependencies.secretStore.forgetLeft()
    const cleaning = Promise.all(this.dependencies.fleet.spools.map((spool) => this.#clean(spool, signal)))
    await unlessAborted(cleaning, signal)
    return false
  }

  /** Never rejects: one host that cannot be cleaned keeps no other from it. */
  async #clean(spool: Spool, signal: AbortSignal): Promise<void> {
    const { keepMs, logger } = this.dependencies
    const { machineId, user, machine } = spool
    try {
      const old = await machine.unforgotten(Math.min(keepMs, CLEAN_MS))
      let kept = 0
      for (let at = 0; at < old.length && !signal.aborted; at += BATCH) {
        kept += await this.#forget(machine, old.slice(at, at + BATCH))
      }
      this.#tell(spool, kept)
      await machine.prune(keepMs)
    } catch (error) {
      if (!signal.aborted)
        logger.warn({ err: error, machineId, user }, 'A spool was not cleaned; it is tried again later')
    }
  }

  /** How many of them stay. */
  async #forget(machine: Machine, attempts: readonly AttemptRef[]): Promise<number> {
    const ended = await readEnded(this.dependencies.database.pool, attempts)
    let kept = attempts.length
    for (const attempt of ended) {
      let isForgotten = await forgets(machine, attempt)
      if (!isForgotten) {
        await machine.stop(attempt, GRACE_MS)
        isForgotten = await forgets(machine, attempt)
      }
      if (isForgotten) kept -= 1
    }
    return kept
  }

  #tell({ machineId, user }: Spool, attempts: number): void {
    const key = `${machineId} ${user ?? ''}`
    if ((this.#kept.get(key) ?? 0) === attempts) return
    this.#kept.set(key, attempts)
    this.dependencies.logger.info(
      { machineId, user, attempts },
      'Attempts that run or were never collected stay in a spool',
    )
  }
}

/** False: something of the attempt lives. */
async function forgets(machine: Machine, attempt: AttemptRef): Promise<boolean> {
  try {
    await machine.forget(attempt)
    return true
  } catch (error) {
    if (error instanceof MachineError && error.code === 'BUSY') return false
    throw error
  }
}

/** Waits for the work, or until the signal aborts. */
function unlessAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      signal.removeEventListener('abort', end)
      resolve()
    }
    signal.addEventListener('abort', end)
    void work.then(end)
    if (signal.aborted) end()
  })
}
