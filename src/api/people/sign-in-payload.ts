import type { RefreshResult } from '../../access/refresh-session.js'
import type { SignInResult } from '../../access/sign-in.js'
import type { Context } from '../context.js'
import { userError } from '../user-error.js'
import { loadUser } from './load-people.js'
import type { SignInPayload } from './sign-in.type.js'

const NOTHING = { accessToken: null, refreshToken: null, expiresAt: null, session: null, user: null, position: null }

/** From here on the operation runs as who has signed in. A refusal says the same, whatever was wrong. */
export async function signInPayload(
  context: Context,
  result: SignInResult | RefreshResult,
  refusal: string,
): Promise<SignInPayload> {
  if (result.status !== 'SIGNED_IN') return { ...NOTHING, userErrors: [userError('INVALID', refusal)] }
  const { accessToken, refreshToken, expiresAt, session } = result
  context.viewer = await context.services.access.viewerOf(session.id)
  const user = await loadUser(session.userId, context)
  return { accessToken, refreshToken, expiresAt, session, user, userErrors: [], position: null }
}
