import type { UserId } from '../domain/ids.js'
import type { Statement } from '../platform/statement.js'

/** Entries of the log of access stay, without who it was but for the id; the repeat key was made of the name, too. */
const FORGET_IN_LOG = `
  UPDATE access_log SET username = NULL, ip_address = NULL, user_agent = NULL, repeat_key = sha256(convert_to(id, 'UTF8'))
  WHERE user_id = $1::text
    OR lower(username) = (SELECT lower(p.username) FROM person p WHERE p.user_id = $1::text)`

const FORGET_FAILURES = `
  DELETE FROM sign_in_failure f USING person p
  WHERE p.user_id = $1::text AND f.key = 'account:' || left(lower(p.username), 200)`

const FORGET_ORIGINS = `
  DELETE FROM command_origin WHERE actor = $1::text
    OR actor IN (SELECT id FROM api_token WHERE user_id = $1::text)`

const FORGET_SESSIONS = 'DELETE FROM session WHERE user_id = $1::text'

const FORGET_TOKENS = `
  UPDATE api_token SET name = '', hash = NULL, last_used_at = NULL, revoked_at = coalesce(revoked_at, $2::timestamptz)
  WHERE user_id = $1::text`

const FORGET_PERSON = 'DELETE FROM person WHERE user_id = $1::text'

/** Everything that tells who the user was: names, addresses, the password's hash, sessions, and what tokens are good for. */
export function eraseAccess(userId: UserId, now: Date): Statement[] {
  return [
    { text: FORGET_IN_LOG, values: [userId] },
    { text: FORGET_FAILURES, values: [userId] },
    { text: FORGET_ORIGINS, values: [userId] },
    { text: FORGET_SESSIONS, values: [userId] },
    { text: FORGET_TOKENS, values: [userId, now] },
    { text: FORGET_PERSON, values: [userId] },
  ]
}
