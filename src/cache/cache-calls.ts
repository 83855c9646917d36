import type { Database } from '../platform/database.js'

const FIND = 'SELECT body_hash AS "bodyHash" FROM cache_call WHERE key = $1::text'

const REMEMBER = `
  INSERT INTO cache_call (key, body_hash, recorded_at) VALUES ($1::text, $2::bytea, now()) ON CONFLICT DO NOTHING`

const FORGET = "DELETE FROM cache_call WHERE recorded_at < now() - interval '7 days'"

/**
 * Which changes of the cache came with an idempotency key: they are no commands, so the journal does not know. A change is
 * remembered after it was made; what is repeated in between is made again, which changes nothing.
 */
export class CacheCalls {
  constructor(private readonly database: Database) {}

  /** The hash of the input that came with the key; null when none did. */
  async find(key: string): Promise<Buffer | null> {
    return (await this.database.query<{ bodyHash: Buffer }>(FIND, [key]))[0]?.bodyHash ?? null
  }

  async remember(key: string, bodyHash: Buffer): Promise<void> {
    await this.database.query(REMEMBER, [key, bodyHash])
  }

  async forgetOld(): Promise<void> {
    await this.database.query(FORGET, [])
  }
}
