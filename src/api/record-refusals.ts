import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql'
import type { JsonObject } from '../domain/json.js'
import type { Context } from './context.js'
import type { Payload } from './payload.js'

const MAX_MESSAGE = 500

/** A file that is not valid is refused by its problems. */
type Refusable = Payload & { readonly problems?: readonly { readonly message: string }[] }

/**
 * Puts behind every mutation that it writes down when it was refused: what somebody tried in vain is no event. What signs
 * in writes down its own.
 */
export function recordRefusals(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    if (field.extensions.signsIn === true) continue
    field.resolve = recording(field.name, field.resolve ?? defaultFieldResolver)
  }
}

function recording(
  action: string,
  resolve: GraphQLFieldResolver<unknown, unknown>,
): GraphQLFieldResolver<unknown, unknown> {
  return async (source, args, context, info) => {
    const payload = (await resolve(source, args, context, info)) as Refusable | null
    const problems = [...(payload?.userErrors ?? []), ...(payload?.problems ?? [])]
    if (problems.length === 0) return payload
    const { viewer, services, ip, userAgent, requestId } = context as Context
    const { userId = null, username = null } = viewer ?? {}
    const errorMessage = problems
      .map(({ message }) => message)
      .join('; ')
      .slice(0, MAX_MESSAGE)
    const details = { ...entityOf(args), requestId }
    const entry = { action, outcome: 'FAILED' as const, userId, username, ip, userAgent, details, errorMessage }
    // The refusal itself is what its caller waits for.
    await services.access.record(entry).catch((error: unknown) => {
      services.logger.error({ err: error, requestId }, 'A refusal was not logged')
    })
    return payload
  }
}

/** What the input is about: the first of its ids. */
function entityOf(args: { readonly [name: string]: unknown }): JsonObject {
  const input = (args.input ?? {}) as { readonly [name: string]: unknown }
  const id = Object.entries(input).find(([name, value]) => name.endsWith('Id') && typeof value === 'string')?.[1]
  return id === undefined ? {} : { entityId: (id as string).slice(0, 100) }
}
