import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql'
import { newTokenSecret } from '../../access/api-tokens.js'
import { type Scope, scopesOf } from '../../access/scopes.js'
import { createApiToken, endApiToken } from '../../commands/change-people.js'
import type { ApiTokenId } from '../../domain/ids.js'
import { readPositions } from '../../history/read-page.js'
import { isId, newId } from '../../platform/ids.js'
import { Access } from '../access-rule.js'
import { authorize } from '../authorize.js'
import type { Context } from '../context.js'
import { type Changed, mutate } from '../mutate.js'
import { type UserError, userError } from '../user-error.js'
import {
  ApiToken,
  CreateApiTokenInput,
  CreateApiTokenPayload,
  RevokeApiTokenInput,
  RevokeApiTokenPayload,
} from './api-token.type.js'
import { loadApiToken, loadUser } from './load-people.js'
import { User } from './user.type.js'

@Resolver(() => ApiToken)
export class ApiTokenResolver {
  @Access('signedIn')
  @FieldResolver(() => User, { description: 'In whose name it works.' })
  user(@Root() { userId }: ApiToken, @Ctx() context: Context): Promise<User | null> {
    return loadUser(userId, context)
  }

  @Access('action:manageOwnAccess')
  @Mutation(() => CreateApiTokenPayload, {
    description: 'Makes a token of the viewer, for a program. Needs a session.',
  })
  async createApiToken(
    @Arg('input', () => CreateApiTokenInput) input: CreateApiTokenInput,
    @Ctx() context: Context,
  ): Promise<CreateApiTokenPayload> {
    const { userId } = authorize(context, 'manageOwnAccess')
    const createdAt = context.services.clock.now()
    const { scopes, problems } = newTokenProblems(input, createdAt)
    if (problems.length > 0) return { apiToken: null, secret: null, userErrors: problems, position: null }
    const id = newId('apitoken') as string as ApiTokenId
    const secret = newTokenSecret()
    const { name, expiresAt } = input
    const body = createApiToken({ id, userId, name, scopes, createdAt, expiresAt }, secret)
    const changed = await mutate(context, { mutation: 'createApiToken', input, ...body })
    const made = await madeToken(changed, context)
    const isNew = made === id
    const apiToken = made === null ? null : await loadApiToken(made, context)
    const { userErrors, position } = changed
    return { apiToken, secret: isNew ? secret : null, userErrors, position }
  }

  @Access('action:manageOwnAccess')
  @Mutation(() => RevokeApiTokenPayload, { description: 'Ends a token for good. Its sockets close within 2 s.' })
  async revokeApiToken(
    @Arg('input', () => RevokeApiTokenInput) input: RevokeApiTokenInput,
    @Ctx() context: Context,
  ): Promise<RevokeApiTokenPayload> {
    authorize(context, 'manageOwnAccess')
    const { apiTokenId } = input
    const found = isId(apiTokenId, 'apitoken') ? await loadApiToken(apiTokenId, context) : null
    if (found === null) {
      const refused = userError('NOT_FOUND', `Token ${apiTokenId.slice(0, 100)} is not there`, 'apiTokenId')
      return { apiToken: null, userErrors: [refused], position: null }
    }
    const body = endApiToken(found.userId, found.id, context.services.clock.now())
    const { streamId, userErrors, position } = await mutate(context, { mutation: 'revokeApiToken', input, ...body })
    return { apiToken: streamId === null ? null : await loadApiToken(found.id, context), userErrors, position }
  }
}

const MAX_NAME = 100

function newTokenProblems(input: CreateApiTokenInput, now: Date): { scopes: Scope[]; problems: UserError[] } {
  const { name, expiresAt } = input
  const { scopes, unknown } = scopesOf(input.scopes)
  const isNamed = name.trim() !== '' && name.length <= MAX_NAME
  const problems = [
    ...(isNamed
      ? []
      : [userError('INVALID', `Name must have 1 to ${MAX_NAME} characters, given ${name.length}`, 'name')]),
    ...(input.scopes.length > 0 ? [] : [userError('REQUIRED', 'A token needs a scope at least', 'scopes')]),
    ...unknown.map((each) =>
      userError('INVALID', `Scope must be a known one, given ${JSON.stringify(each.slice(0, 100))}`, 'scopes'),
    ),
    ...(expiresAt > now
      ? []
      : [userError('INVALID', `A token must end in the future, given ${expiresAt.toISOString()}`, 'expiresAt')]),
  ]
  return { scopes, problems }
}

/** The token that the command made, or made before under the same key: its event says which. */
async function madeToken({ position }: Changed, { services }: Context): Promise<string | null> {
  if (position === null) return null
  const [event] = await readPositions(services.database.pool, [position], null)
  return event === undefined ? null : (JSON.parse(event.dataText) as { apiTokenId: string }).apiTokenId
}
