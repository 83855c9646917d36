import type { Database } from '../platform/database.js'
import type { Logger } from '../platform/logger.js'
import { Loop } from '../platform/loop.js'

/** Two million positions: minutes of the heaviest load. */
const PARTITIONS_AHEAD = 8

const MAKE = 'SELECT make_event_partitions($1::integer) AS made'

const SWEEP = `
  DELETE FROM command_result WHERE key IN (
    SELECT key FROM command_result WHERE recorded_at < now() - interval '7 days' ORDER BY recorded_at LIMIT 10000)`

/** Keeps partitions ahead of the journal's head, and forgets the results of commands after seven days. */
export class Keeper extends Loop {
  override readonly name = 'keeper'

  constructor(
    private readonly database: Database,
    logger: Logger,
  ) {
    super({ intervalMs: 5_000, logger })
  }

  override async runOnce(): Promise<boolean> {
    await this.database.query(MAKE, [PARTITIONS_AHEAD])
    await this.database.query(SWEEP)
    return false
  }
}
