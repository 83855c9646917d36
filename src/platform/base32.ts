/**
 * The base32 of TypeID (https://github.com/jetify-com/typeid/tree/main/spec): 16 bytes as 26 lower-case letters of
 * Crockford's alphabet, most significant first, the first letter at most `7`. Written out because one run's plan needs
 * tens of thousands of ids at once: two letters a lookup make 3 to 5 times typeid-js, which the tests compare it with.
 */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** The two letters of every 10-bit number. */
const PAIRS: readonly string[] = Array.from(
  { length: 1024 },
  (_, value) => ALPHABET.charAt(value >> 5) + ALPHABET.charAt(value & 31),
)

/** The value of every ASCII letter; -1 where it has none (upper case is not canonical, so it has none). */
const VALUES = Int8Array.from({ length: 128 }, (_, code) => ALPHABET.indexOf(String.fromCharCode(code)))

/** 26 letters for 16 bytes. */
export function encodeBase32(bytes: Readonly<Uint8Array>): string {
  let text = PAIRS[bytes[0] as number] as string
  for (let at = 1; at < 16; at += 5) text += encodeFive(bytes, at)
  return text
}

/** 5 bytes are 40 bits, four pairs of letters; the first byte of an id is a pair of its own. */
function encodeFive(bytes: Readonly<Uint8Array>, at: number): string {
  const a = bytes[at] as number
  const b = bytes[at + 1] as number
  const c = bytes[at + 2] as number
  const d = bytes[at + 3] as number
  const e = bytes[at + 4] as number
  return `${PAIRS[(a << 2) | (b >> 6)]}${PAIRS[((b & 63) << 4) | (c >> 4)]}${PAIRS[((c & 15) << 6) | (d >> 2)]}${PAIRS[((d & 3) << 8) | e]}`
}

/** 16 bytes of the 26 letters that start at `offset` and end the text; null when they are no canonical base32. */
export function decodeBase32(text: string, offset = 0): Buffer | null {
  if (text.length - offset !== 26) return null
  const first = pairValue(text, offset)
  if (first < 0 || first > 255) return null
  const bytes = Buffer.allocUnsafe(16)
  bytes[0] = first
  for (let group = 0; group < 3; group += 1) {
    if (!decodeFive(text, offset + 2 + group * 8, bytes, 1 + group * 5)) return null
  }
  return bytes
}

function decodeFive(text: string, offset: number, bytes: Buffer, at: number): boolean {
  const a = pairValue(text, offset)
  const b = pairValue(text, offset + 2)
  const c = pairValue(text, offset + 4)
  const d = pairValue(text, offset + 6)
  if ((a | b | c | d) < 0) return false
  bytes[at] = a >> 2
  bytes[at + 1] = ((a & 3) << 6) | (b >> 4)
  bytes[at + 2] = ((b & 15) << 4) | (c >> 6)
  bytes[at + 3] = ((c & 63) << 2) | (d >> 8)
  bytes[at + 4] = d & 255
  return true
}

function pairValue(text: string, offset: number): number {
  const high = VALUES[text.charCodeAt(offset)] ?? -1
  const low = VALUES[text.charCodeAt(offset + 1)] ?? -1
  return (high | low) < 0 ? -1 : (high << 5) | low
}
