import type { Api } from './api.js'
import { refuseUserErrors, type UserError } from './failure-of.js'

/**
 * Sends a mutation of one root field; answers with its payload. Throws a Failure when that has user errors; `next` and
 * `nextIfMissing` are those of `refuseUserErrors`.
 */
export async function change<Payload>(
  api: Api,
  document: string,
  input: Record<string, unknown>,
  next: string,
  nextIfMissing = next,
): Promise<Payload> {
  const answer = await api.mutate<Record<string, Payload & { readonly userErrors: readonly UserError[] }>>(
    document,
    input,
  )
  const [payload] = Object.values(answer) as [Payload & { readonly userErrors: readonly UserError[] }]
  refuseUserErrors(payload, next, nextIfMissing)
  return payload
}
