import { createHash } from 'node:crypto'
import { actorOf } from '../access/viewer.js'
import type { Addressed, Command, OnceKey, Outcome } from '../commands/command.js'
import type { Prepared } from '../commands/prepared.js'
import { newId } from '../platform/ids.js'
import { canonicalJson } from '../platform/json.js'
import { signedInViewer } from './authorize.js'
import { BadInputError } from './bad-input-error.js'
import type { Context } from './context.js'
import { constraintErrors, type UserError, userErrorsOf } from './user-error.js'

export interface Change {
  /** Of the GraphQL mutation; the scope of its idempotency keys, with the actor. */
  readonly mutation: string
  /** As it came; `idempotencyKey` in it is the caller's. No secrets: give what stands for them instead. */
  readonly input: { readonly idempotencyKey?: string | null | undefined }
  readonly streamId: string
  readonly command: Addressed
  readonly also?: readonly Prepared[]
  readonly beside?: Command['beside']
}

/** What a mutation's payload is made of. */
export interface Changed {
  /** Of the object that was changed: a repeat with the same key names the first time's. Null when refused. */
  readonly streamId: string | null
  readonly userErrors: UserError[]
  readonly position: number | null
}

/**
 * Executes one command for the viewer. What the caller can correct comes back as userErrors; the same key with another
 * input throws IdempotencyConflictError. What was loaded before is forgotten, the viewer's own rights included.
 */
export async function mutate(context: Context, change: Change): Promise<Changed> {
  const viewer = signedInViewer(context)
  const actor = actorOf(viewer)
  const { ip, userAgent } = context
  const { mutation, input, streamId, command: addressed, also = [], beside } = change
  const id = newId('command')
  const once = onceKey(`${actor}/${mutation}`, id, input)
  const cause = { correlationId: null, causationId: null }
  const besides = beside === undefined ? {} : { beside }
  const follow = (next: Prepared): Command => ({
    ...next.command,
    id: newId('command'),
    streamId: next.streamId,
    actor,
    correlationId: null,
    causationId: id,
    once: null,
  })
  const command: Command = {
    ...addressed,
    id,
    streamId,
    actor,
    ...cause,
    once,
    ...besides,
    also: also.map(follow),
    origin: { ip, userAgent },
  }
  const outcome = await executed(context, command)
  if (Array.isArray(outcome)) return { streamId: null, userErrors: outcome, position: null }
  if ('rejections' in outcome) return { streamId: null, userErrors: userErrorsOf(outcome), position: null }
  context.loaders.clear()
  if (addressed.aggregate === 'project' || addressed.aggregate === 'user') {
    context.viewer = await context.services.access.viewerOf(viewer.credential)
  }
  return { streamId: outcome.streamId, userErrors: [], position: outcome.position }
}

async function executed(context: Context, command: Command): Promise<Outcome | UserError[]> {
  try {
    return await context.services.bus.execute(command)
  } catch (error) {
    const wrong = constraintErrors(error)
    if (wrong === null) throw error
    return wrong
  }
}

const MAX_KEY = 200

/** The command's own id stands in for a key that the caller did not give. Throws BadInputError for an unfit key. */
export function onceKey(scope: string, commandId: string, input: Change['input']): OnceKey {
  const { idempotencyKey, ...body } = input
  const key = idempotencyKey ?? null
  if (key !== null && (key.length === 0 || key.length > MAX_KEY)) {
    throw new BadInputError('input.idempotencyKey', `must have 1 to ${MAX_KEY} characters, given ${key.length}`)
  }
  const bodyHash = createHash('sha256')
    .update(canonicalJson(given(body)))
    .digest()
  return { key: key === null ? commandId : `${scope}/${key}`, bodyHash }
}

/** What is given: an argument left out and one that is null mean the same to every mutation. */
export function given(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined))
}
