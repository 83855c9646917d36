import { Kind, parse } from 'graphql'
import { LIMITS } from '../operation/limits.js'

/** Bodies of anyone, and of a signed-in request that brings a DAG file, the scripts of a batch or a value for a run's cache. */
export const BODY_LIMIT = 64 * 1_024
export const LARGE_BODY_LIMIT = 12 * 1_024 * 1_024

const LARGE_FIELDS = new Set(['publishDag', 'checkDag', 'runBatch', 'setCacheEntry'])

/** Whether the body is one operation whose only root field takes a whole DAG file, a batch, or a value of up to 1 MiB. */
export function mayBeLarge(body: unknown): boolean {
  const { query } = (body ?? {}) as { query?: unknown }
  if (typeof query !== 'string') return false
  try {
    const { definitions } = parse(query, { noLocation: true, maxTokens: LIMITS.tokens })
    const operations = definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
    const selections = operations[0]?.selectionSet.selections ?? []
    const [only] = selections
    return (
      operations.length === 1 &&
      selections.length === 1 &&
      only?.kind === Kind.FIELD &&
      LARGE_FIELDS.has(only.name.value)
    )
  } catch {
    return false
  }
}
