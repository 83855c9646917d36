import type { Database } from '../platform/database.js'

/** How failures of one account, or from one address, are answered. */
interface Patience {
  /** Failures that cost nothing. */
  readonly free: number
  readonly longestMs: number
}

/** An address may be that of a whole office, so it is given more. */
const PATIENCE: { readonly [Kind in 'account' | 'address']: Patience } = {
  account: { free: 5, longestMs: 300_000 },
  address: { free: 50, longestMs: 300_000 },
}

/** Failures older than this are forgotten. */
const FORGET_AFTER_MS = 3_600_000

const TAKE = `
  INSERT INTO sign_in_failure AS f (key, failures, blocked_until, failed_at)
  SELECT key, 1, $2::timestamptz, $2::timestamptz FROM unnest($1::text[]) AS key ORDER BY key
  ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN f.failed_at < $3::timestamptz THEN 1 ELSE f.failures + 1 END,
    failed_at = excluded.failed_at
  RETURNING key, failures, blocked_until AS "blockedUntil"`

const BLOCK = `
  UPDATE sign_in_failure AS f SET blocked_until = b.until
  FROM unnest($1::text[], $2::timestamptz[]) AS b(key, until) WHERE f.key = b.key`

const GIVE_BACK = `
  UPDATE sign_in_failure SET failures = greatest(failures - 1, 0) WHERE key = ANY($1::text[])`

const FORGET = 'DELETE FROM sign_in_failure WHERE key = $1::text'

const FORGET_OLD = `
  DELETE FROM sign_in_failure WHERE key IN (
    SELECT key FROM sign_in_failure WHERE failed_at < $1::timestamptz LIMIT 20 FOR UPDATE SKIP LOCKED)`

interface Row {
  readonly key: string
  readonly failures: number
  readonly blockedUntil: Date
}

/** Who is asking to sign in, as far as guessing goes. */
export interface Attempt {
  readonly username: string
  readonly ip: string | null
}

/**
 * Counts an attempt as failed before the password is looked at, so that attempts sent all at once gain nothing. Answers
 * 0 when it may go on, else how many milliseconds it is to wait (the attempt is then not counted).
 */
export async function takeAttempt(database: Database, attempt: Attempt, now: Date): Promise<number> {
  const keys = keysOf(attempt)
  const rows = await database.query<Row>(TAKE, [keys, now, new Date(now.getTime() - FORGET_AFTER_MS)])
  const waitMs = Math.max(0, ...rows.map(({ blockedUntil }) => blockedUntil.getTime() - now.getTime()))
  if (waitMs > 0) {
    await database.query(GIVE_BACK, [keys])
    return waitMs
  }
  const due = rows.map(({ key, failures }) => ({ key, ms: delayMs(key, failures) })).filter(({ ms }) => ms > 0)
  if (due.length > 0) {
    const until = due.map(({ ms }) => new Date(now.getTime() + ms))
    await database.query(BLOCK, [due.map(({ key }) => key), until])
  }
  await database.query(FORGET_OLD, [new Date(now.getTime() - FORGET_AFTER_MS)])
  return 0
}

/** The password was right: the account is forgiven, the address gets this attempt back. */
export async function forgiveAttempt(database: Database, attempt: Attempt): Promise<void> {
  const [account, ...address] = keysOf(attempt)
  await database.query(FORGET, [account])
  if (address.length > 0) await database.query(GIVE_BACK, [address])
}

function keysOf({ username, ip }: Attempt): string[] {
  const account = `account:${username.toLowerCase().slice(0, 200)}`
  return ip === null ? [account] : [account, `address:${ip}`]
}

/** 1 s after the first failure that is not free, then twice as long each time. */
function delayMs(key: string, failures: number): number {
  const { free, longestMs } = PATIENCE[key.startsWith('account:') ? 'account' : 'address']
  return failures <= free ? 0 : Math.min(1_000 * 2 ** Math.min(failures - free - 1, 20), longestMs)
}
