import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { sessionOf } from '../../access/viewer.js'
import type { SessionId } from '../../domain/ids.js'
import { isId } from '../../platform/ids.js'
import { Access, SignsIn } from '../access-rule.js'
import { RateLimitedError } from '../api-error.js'
import { authorize } from '../authorize.js'
import type { Context } from '../context.js'
import { userError } from '../user-error.js'
import { loadSession } from './load-people.js'
import { RefreshSessionInput, SignInInput, SignInPayload, SignOutInput, SignOutPayload } from './sign-in.type.js'
import { signInPayload } from './sign-in-payload.js'

@Resolver()
export class SignInResolver {
  @SignsIn()
  @Access('public')
  @Mutation(() => SignInPayload, { description: 'Begins a session. Failures make the next try wait longer.' })
  async signIn(@Arg('input', () => SignInInput) input: SignInInput, @Ctx() context: Context): Promise<SignInPayload> {
    const result = await context.services.access.signIn(input, context)
    if (result.status === 'WAIT') throw new RateLimitedError(Math.ceil(result.waitMs / 1_000))
    return signInPayload(context, result, 'The username or the password is wrong')
  }

  @SignsIn()
  @Access('public')
  @Mutation(() => SignInPayload, { description: 'Trades a refresh token, which works once, for new tokens.' })
  async refreshSession(
    @Arg('input', () => RefreshSessionInput) { refreshToken }: RefreshSessionInput,
    @Ctx() context: Context,
  ): Promise<SignInPayload> {
    const result = await context.services.access.refreshSession(refreshToken, context)
    return signInPayload(context, result, 'The refresh token does not work, or no longer: sign in again')
  }

  @Access('action:manageOwnAccess')
  @Mutation(() => SignOutPayload, { description: "Ends a session of the viewer's." })
  async signOut(
    @Arg('input', () => SignOutInput) input: SignOutInput,
    @Ctx() context: Context,
  ): Promise<SignOutPayload> {
    const viewer = authorize(context, 'manageOwnAccess')
    const id = input.sessionId ?? sessionOf(viewer)
    const found = isId(id, 'session') ? await loadSession(id, context) : null
    if (found === null || found.userId !== viewer.userId) {
      const refused = userError('NOT_FOUND', 'Session must be one of your own', 'sessionId')
      return { session: null, userErrors: [refused], position: null }
    }
    const session = await context.services.access.signOut(found.id as SessionId, viewer, context)
    return { session, userErrors: [], position: null }
  }
}
