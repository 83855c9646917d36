import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql'
import { revokeSession } from '../../commands/change-people.js'
import type { SessionId } from '../../domain/ids.js'
import { isId } from '../../platform/ids.js'
import { Access } from '../access-rule.js'
import { authorize } from '../authorize.js'
import type { Context } from '../context.js'
import { mutate } from '../mutate.js'
import { userError } from '../user-error.js'
import { loadSession, loadUser } from './load-people.js'
import { RevokeSessionInput, RevokeSessionPayload, Session } from './session.type.js'
import { User } from './user.type.js'

@Resolver(() => Session)
export class SessionResolver {
  @Access('signedIn')
  @FieldResolver(() => User, { description: 'Who is signed in with it.' })
  user(@Root() session: Session, @Ctx() context: Context): Promise<User | null> {
    return loadUser(session.userId, context)
  }

  @Access('action:manageOwnAccess')
  @Mutation(() => RevokeSessionPayload, {
    description: "Ends a session, one's own or with the permission `users` anybody's. Its sockets close within 2 s.",
  })
  async revokeSession(
    @Arg('input', () => RevokeSessionInput) input: RevokeSessionInput,
    @Ctx() context: Context,
  ): Promise<RevokeSessionPayload> {
    authorize(context, 'manageOwnAccess')
    const { sessionId } = input
    const found = isId(sessionId, 'session') ? await loadSession(sessionId, context) : null
    if (found === null) {
      const refused = userError('NOT_FOUND', `Session ${sessionId.slice(0, 100)} is not there`, 'sessionId')
      return { session: null, userErrors: [refused], position: null }
    }
    const body = revokeSession(found.userId, sessionId as string as SessionId, context.services.clock.now())
    const changed = await mutate(context, { mutation: 'revokeSession', input, ...body })
    // Who ends the own session is shown it once more.
    const session =
      changed.streamId === null ? null : { ...found, logoutAt: found.logoutAt ?? context.services.clock.now() }
    return { session, userErrors: changed.userErrors, position: changed.position }
  }
}
