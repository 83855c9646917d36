import { hash } from 'node:crypto'
import { V7Generator } from 'uuidv7'
import { decodeBase32, encodeBase32 } from './base32.js'
import { systemClock } from './clock.js'

/** A TypeID: the prefix names the noun, 26 letters of base32 are the UUID; ids made later sort later, as text too. */
export type TypeId<P extends string> = string & { readonly __prefix: P }

/** The text is no TypeID, or not of the noun that was asked for. */
export class IdError extends Error {
  override readonly name = 'IdError'
  readonly code = 'INVALID_ID'
  constructor(
    readonly given: string,
    rule: string,
  ) {
    super(`Id ${rule}, given ${JSON.stringify(given.length > 100 ? `${given.slice(0, 100)}...` : given)}`)
  }
}

const PREFIX = /^[a-z](?:[a-z_]{0,61}[a-z])?$/
const generator = new V7Generator()
const knownPrefixes = new Set<string>()

/** A new id with a UUIDv7: unique everywhere, and within this process each sorts after the one before it. */
export function newId<P extends string>(prefix: P): TypeId<P> {
  checkPrefix(prefix)
  const uuid = generator.generateOrResetWithTs(systemClock.now().getTime())
  return `${prefix}_${encodeBase32(uuid.bytes)}` as TypeId<P>
}

/** The id's two halves; `uuid` is 16 bytes, as `uuid` columns and hashes take them. Throws IdError. */
export function parseId(text: string): { prefix: string; uuid: Buffer } {
  const uuid = decodeBase32(text, text.length - 26)
  const prefix = text.slice(0, -27)
  if (uuid === null || text.charAt(text.length - 27) !== '_' || !PREFIX.test(prefix)) {
    throw new IdError(text, 'must be a prefix, "_" and 26 letters of base32')
  }
  return { prefix, uuid }
}

/** Whether the text is a well-formed id of that noun. Says nothing of whether it exists. */
export function isId<P extends string>(text: unknown, prefix: P): text is TypeId<P> {
  if (typeof text !== 'string' || text.length !== prefix.length + 27 || !text.startsWith(`${prefix}_`)) return false
  return decodeBase32(text, prefix.length + 1) !== null
}

/**
 * The id of a parent's nth part, the same for ever: the parent's 48-bit timestamp, then SHA-256(the parent's 16 bytes,
 * the ordinal as 32 bits big-endian, the prefix), cut to fit, as a UUID of version 8. So parts are never stored to be
 * found again. `ordinal` 0..2^32-1; throws IdError for a malformed parent, RangeError for the ordinal.
 */
export function deriveId<P extends string>(prefix: P, parentId: string, ordinal: number): TypeId<P> {
  checkPrefix(prefix)
  if (ordinal >>> 0 !== ordinal) throw new RangeError(`Ordinal must be a whole number below 2^32, given ${ordinal}`)
  const { uuid: parent } = parseId(parentId)
  const input = Buffer.allocUnsafe(20 + prefix.length)
  parent.copy(input)
  input.writeUInt32BE(ordinal, 16)
  input.write(prefix, 20, 'latin1')
  const uuid = hash('sha256', input, 'buffer')
  parent.copy(uuid, 0, 0, 6)
  uuid[6] = 0x80 | ((uuid[6] as number) & 0x0f)
  uuid[8] = 0x80 | ((uuid[8] as number) & 0x3f)
  return `${prefix}_${encodeBase32(uuid)}` as TypeId<P>
}

function checkPrefix(prefix: string): void {
  if (knownPrefixes.has(prefix)) return
  if (!PREFIX.test(prefix)) throw new IdError(prefix, 'prefix must be 1 to 63 of a-z and _, with no _ at either end')
  knownPrefixes.add(prefix)
}
