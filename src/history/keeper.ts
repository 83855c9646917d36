import type { Database } from '../platform/database.js'
import type { Logger } from '../platform/logger.js'
import { Wake } from '../platform/wake.js'

/** Two million positions: minutes of the heaviest load. */
const PARTITIONS_AHEAD = 8
const INTERVAL_MS = 5_000

const MAKE = 'SELECT make_event_partitions($1::integer) AS made'

const SWEEP = `
  DELETE FROM command_result WHERE key IN (
    SELECT key FROM command_result WHERE recorded_at < now() - interval '7 days' ORDER BY recorded_at LIMIT 10000)`

/** Keeps partitions ahead of the journal's head, and forgets the results of commands after seven days. */
export class Keeper {
  readonly #stop = new AbortController()
  #running: Promise<void> = Promise.resolve()

  constructor(
    private readonly database: Database,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async runOnce(): Promise<void> {
    await this.database.query(MAKE, [PARTITIONS_AHEAD])
    await this.database.query(SWEEP)
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    const wake = new Wake()
    while (!signal.aborted) {
      await this.runOnce().catch((error: unknown) => {
        this.logger.warn({ err: error }, 'Partitions of the journal could not be made ahead; trying again')
      })
      await wake.wait(INTERVAL_MS, signal)
    }
  }
}
