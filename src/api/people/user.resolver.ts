import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql'
import { countApiTokens, listApiTokens } from '../../access/api-tokens.js'
import { countSessions, countUsers, findUser, listSessions, listUsers } from '../../access/list-people.js'
import { changeUser, eraseUser } from '../../commands/change-people.js'
import { createUser } from '../../commands/create-user.js'
import type { UserId } from '../../domain/ids.js'
import { Access } from '../access-rule.js'
import { authorize } from '../authorize.js'
import type { Connection } from '../connection.js'
import { connectionFrom } from '../connection.js'
import type { Context } from '../context.js'
import { CursorCodec } from '../cursor.js'
import { type Changed, mutate } from '../mutate.js'
import { ForwardArgs, pageOf } from '../paging.js'
import { type UserError, userError } from '../user-error.js'
import { ApiToken, ApiTokenConnection } from './api-token.type.js'
import { loadUser } from './load-people.js'
import { newUserProblems } from './new-user-problems.js'
import { Session, SessionConnection } from './session.type.js'
import { CreateUserInput, EraseUserInput, UpdateUserInput, UserPayload } from './user.input.js'
import { User, UserConnection } from './user.type.js'
import { changedUser, managingProblems, reasonProblems } from './user-changes.js'

const USERS = new CursorCodec('users', ['text'])
const SESSIONS = new CursorCodec('sessions', ['time', 'text'])
const TOKENS = new CursorCodec('apiTokens', ['time', 'text'])

@Resolver(() => User)
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
    const page = pageOf(args, USERS)
    const rows = await listUsers(database, page)
    const totalCount = () => countUsers(database)
    return connectionFrom<User>({ rows, page, cursors: USERS, keyOf: ({ id }) => [id], totalCount })
  }

  @Access('signedIn')
  @Query(() => User, { nullable: true, description: 'The user of that name, in any case; null if there is none.' })
  async user(@Arg('username', () => String) username: string, @Ctx() context: Context): Promise<User | null> {
    return findUser(context.services.database, username)
  }

  @Access('signedIn')
  @FieldResolver(() => SessionConnection, {
    description: "The user's sessions, newest first, ended ones too; none for others, unless they manage users.",
  })
  async sessions(
    @Root() { id }: User,
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Ctx() { services, viewer }: Context,
  ): Promise<Connection<Session>> {
    const page = pageOf(args, SESSIONS)
    const rows = await listSessions(services.database, id, viewer, page)
    const totalCount = () => countSessions(services.database, id, viewer)
    const keyOf = ({ loginAt, id: sessionId }: Session) => [loginAt, sessionId]
    return connectionFrom<Session>({ rows, page, cursors: SESSIONS, keyOf, totalCount })
  }

  @Access('signedIn')
  @FieldResolver(() => ApiTokenConnection, {
    description: "The user's tokens, oldest first, ended ones too; none for others, unless they manage users.",
  })
  async apiTokens(
    @Root() { id }: User,
    @Args(() => ForwardArgs) args: ForwardArgs,
    @Ctx() { services, viewer }: Context,
  ): Promise<Connection<ApiToken>> {
    const page = pageOf(args, TOKENS)
    const rows = await listApiTokens(services.database, id, viewer, page)
    const totalCount = () => countApiTokens(services.database, id, viewer)
    const keyOf = ({ createdAt, id: tokenId }: ApiToken) => [createdAt, tokenId]
    return connectionFrom<ApiToken>({ rows, page, cursors: TOKENS, keyOf, totalCount })
  }

  @Access('action:manageUsers')
  @Mutation(() => UserPayload, { description: 'Makes somebody who can sign in.' })
  async createUser(
    @Arg('input', () => CreateUserInput) input: CreateUserInput,
    @Ctx() context: Context,
  ): Promise<UserPayload> {
    const viewer = authorize(context, 'manageUsers')
    const { user, problems } = newUserProblems(input, viewer)
    if (problems.length > 0) return refused(problems)
    const { access, clock } = context.services
    const passwordHash = await access.hashPassword(input.password)
    const body = createUser({ ...user, passwordHash }, clock.now())
    const stored = { ...input, password: access.fingerprint(input.password) }
    return payloadOf(context, await mutate(context, { mutation: 'createUser', input: stored, ...body }))
  }

  @Access('action:manageUsers')
  @Mutation(() => UserPayload, { description: 'Changes what a user may do, and who it is.' })
  async updateUser(
    @Arg('input', () => UpdateUserInput) input: UpdateUserInput,
    @Ctx() context: Context,
  ): Promise<UserPayload> {
    const viewer = authorize(context, 'manageUsers')
    const user = await loadUser(input.userId, context)
    if (user === null) return notThere(input.userId)
    const { change, problems } = changedUser(input, viewer, user)
    if (problems.length > 0) return refused(problems)
    const body = changeUser(user.id as UserId, change, context.services.clock.now())
    return payloadOf(context, await mutate(context, { mutation: 'updateUser', input, ...body }))
  }

  @Access('action:manageUsers')
  @Mutation(() => UserPayload, {
    description:
      'Takes the person away for ever: names, address, password, sessions, tokens. The history keeps the id.',
  })
  async eraseUser(
    @Arg('input', () => EraseUserInput) input: EraseUserInput,
    @Ctx() context: Context,
  ): Promise<UserPayload> {
    const viewer = authorize(context, 'manageUsers')
    const user = await loadUser(input.userId, context)
    if (user === null) return notThere(input.userId)
    const problems = [...managingProblems(viewer, user), ...reasonProblems(input.reason, user)]
    if (problems.length > 0) return refused(problems)
    const body = eraseUser(user.id as UserId, input.reason, context.services.clock.now())
    return payloadOf(context, await mutate(context, { mutation: 'eraseUser', input, ...body }))
  }
}

/** Nothing was changed. */
export function refused(userErrors: UserError[]): UserPayload {
  return { user: null, userErrors, position: null }
}

/** There is no such user. */
export function notThere(userId: string): UserPayload {
  return refused([userError('NOT_FOUND', `User ${userId} is not there`, 'userId')])
}

/** The user as it is now. */
export async function payloadOf(context: Context, { streamId, userErrors, position }: Changed): Promise<UserPayload> {
  return { user: streamId === null ? null : await loadUser(streamId, context), userErrors, position }
}
