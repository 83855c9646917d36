import { actorOf } from '../access/viewer.js'
import { IdempotencyConflictError } from '../commands/command.js'
import { readResults } from '../commands/read-results.js'
import { signedInViewer } from './authorize.js'
import type { Context } from './context.js'
import { type Change, type Changed, onceKey } from './mutate.js'

/**
 * What the mutation answered when it came before with this idempotency key; null when it did not. For mutations that
 * read what may have changed since (a DAG's latest version, say): a repeat gets the first answer, whatever holds now.
 * Throws IdempotencyConflictError for the same key with another input.
 */
export async function answerBefore(
  context: Context,
  mutation: string,
  input: Change['input'],
): Promise<Changed | null> {
  if ((input.idempotencyKey ?? null) === null) return null
  const actor = actorOf(signedInViewer(context))
  const { key, bodyHash } = onceKey(`${actor}/${mutation}`, '', input)
  const before = (await readResults(context.services.database.pool, [key])).get(key)
  if (before === undefined) return null
  if (!before.bodyHash.equals(bodyHash)) throw new IdempotencyConflictError(key)
  return { streamId: before.accepted.streamId, userErrors: [], position: before.accepted.position }
}
