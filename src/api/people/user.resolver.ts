import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql'
import { countUsers, listUsers } from '../../access/list-people.js'
import { createUser } from '../../commands/create-user.js'
import { Access } from '../access-rule.js'
import { authorize } from '../authorize.js'
import type { Connection } from '../connection.js'
import { connectionFrom } from '../connection.js'
import type { Context } from '../context.js'
import { CursorCodec } from '../cursor.js'
import { mutate } from '../mutate.js'
import { ForwardArgs, pageOf } from '../paging.js'
import { loadUser } from './load-people.js'
import { newUserProblems } from './new-user-problems.js'
import { CreateUserInput, UserPayload } from './user.input.js'
import { User, UserConnection } from './user.type.js'

const CURSORS = new CursorCodec('users', ['text'])

@Resolver()
export class UserResolver {
  @Access('public')
  @Query(() => User, { nullable: true, description: 'Who asks; null for an anonymous request.' })
  viewer(@Ctx() context: Context): Promise<User | null> | null {
    return context.viewer === null ? null : loadUser(context.viewer.userId, context)
  }

  @Access('action:manageUsers')
  @Query(() => UserConnection, { description: 'All users, oldest first.' })
  async users(@Args(() => ForwardArgs) args: ForwardArgs, @Ctx() context: Context): Promise<Connection<User>> {
    const { database } = context.services
    const page = pageOf(args, CURSORS)
    const rows = await listUsers(database, page)
    const totalCount = () => countUsers(database)
    return connectionFrom<User>({ rows, page, cursors: CURSORS, keyOf: ({ id }) => [id], totalCount })
  }

  @Access('action:manageUsers')
  @Mutation(() => UserPayload, { description: 'Makes somebody who can sign in.' })
  async createUser(
    @Arg('input', () => CreateUserInput) input: CreateUserInput,
    @Ctx() context: Context,
  ): Promise<UserPayload> {
    const viewer = authorize(context, 'manageUsers')
    const { user, problems } = newUserProblems(input, viewer)
    if (problems.length > 0) return { user: null, userErrors: problems, position: null }
    const { access, clock } = context.services
    const passwordHash = await access.hashPassword(input.password)
    const body = createUser({ ...user, passwordHash }, clock.now())
    const stored = { ...input, password: access.fingerprint(input.password) }
    const { streamId, userErrors, position } = await mutate(context, { mutation: 'createUser', input: stored, ...body })
    return { user: streamId === null ? null : await loadUser(streamId, context), userErrors, position }
  }
}
