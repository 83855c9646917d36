import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { Access } from '../access-rule.js'
import type { Context } from '../context.js'
import { loadUser } from './load-people.js'
import { Session } from './session.type.js'
import { User } from './user.type.js'

@Resolver(() => Session)
export class SessionResolver {
  @Access('signedIn')
  @FieldResolver(() => User, { description: 'Who is signed in with it.' })
  user(@Root() session: Session, @Ctx() context: Context): Promise<User | null> {
    return loadUser(session.userId, context)
  }
}
