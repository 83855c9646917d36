import canonicalize from 'canonicalize'

/** The value has no JSON form: undefined, NaN, a lone surrogate, a circle, a bigint. */
export class CanonicalJsonError extends Error {
  override readonly name = 'CanonicalJsonError'
  readonly code = 'NOT_JSON'
  constructor(reason: string, options?: ErrorOptions) {
    super(`Canonical JSON needs a JSON value: ${reason}`, options)
  }
}

/**
 * The canonical text of a JSON value by RFC 8785: sorted keys, no white space, ECMAScript's numbers. Equal values give
 * equal bytes, so this text is what is hashed and stored. Keys whose value is undefined are left out. Throws
 * CanonicalJsonError.
 */
export function canonicalJson(value: unknown): string {
  let text: string | undefined
  try {
    text = canonicalize(value)
  } catch (error) {
    throw new CanonicalJsonError(error instanceof Error ? error.message : String(error), { cause: error })
  }
  if (text === undefined) throw new CanonicalJsonError(`given ${typeof value}`)
  return text
}
