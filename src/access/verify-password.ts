import { recordAccess } from './access-log.js'
import type { AccessDependencies, Caller } from './sign-in.js'
import { forgiveAttempt, takeAttempt } from './sign-in-delay.js'
import type { Viewer } from './viewer.js'

/** What came of comparing a password. */
export type PasswordCheck =
  | { readonly status: 'RIGHT' | 'WRONG' }
  | { readonly status: 'WAIT'; readonly waitMs: number }

const FIND = 'SELECT password_hash AS "passwordHash" FROM person WHERE user_id = $1::text'

/** Whether the password is the viewer's own; failures count, and are slowed down, as those of signing in. */
export async function verifyPassword(
  { database, clock, passwords }: AccessDependencies,
  { userId, username }: Viewer,
  password: string,
  caller: Caller,
): Promise<PasswordCheck> {
  const [found] = await database.query<{ passwordHash: string }>(FIND, [userId])
  const attempt = { username, ip: caller.ip }
  let waitMs = 0
  const isRight = await passwords.verify(found?.passwordHash ?? null, password, async () => {
    waitMs = await takeAttempt(database, attempt, clock.now())
    return waitMs === 0
  })
  if (isRight) {
    await forgiveAttempt(database, attempt)
    return { status: 'RIGHT' }
  }
  const outcome = waitMs > 0 ? ('DENIED' as const) : ('FAILED' as const)
  await recordAccess(database, { action: 'verifyPassword', outcome, userId, username, ...caller }, clock.now())
  return waitMs > 0 ? { status: 'WAIT', waitMs } : { status: 'WRONG' }
}
