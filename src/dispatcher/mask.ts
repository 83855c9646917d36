import type { Json } from '../domain/json.js'

const MASK = Buffer.from('***')
/** A secret that overlaps itself could be waited for without end. */
const MAX_HELD = 1_048_576

/** What of a stream may be stored now, and how many bytes of the stream it stands for. */
export interface Masked {
  readonly bytes: Buffer
  readonly sourceLength: number
}

/**
 * Replaces secrets in a stream by `***`, wherever it was cut into pieces: what may be the beginning of one is held until
 * it is known. Secrets that overlap in the stream are replaced as one.
 */
export class Masker {
  readonly #secrets: readonly Buffer[]
  #held: Buffer = Buffer.alloc(0)

  /** Empty secrets are left out. */
  constructor(secrets: readonly string[]) {
    this.#secrets = secrets.filter((secret) => secret !== '').map((secret) => Buffer.from(secret))
  }

  /** The stream goes on with these bytes. */
  push(bytes: Buffer): Masked {
    const text = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes])
    const found = this.#find(text)
    const end = text.length > MAX_HELD ? text.length : this.#knownUpTo(text, found)
    this.#held = Buffer.from(text.subarray(end))
    return { bytes: replaced(text, found, end), sourceLength: end }
  }

  /** The stream has ended. */
  end(): Masked {
    const text = this.#held
    this.#held = Buffer.alloc(0)
    return { bytes: replaced(text, this.#find(text), text.length), sourceLength: text.length }
  }

  /** Where secrets stand, in order, those that overlap as one. */
  #find(text: Buffer): [number, number][] {
    const all = this.#secrets.flatMap((secret) => {
      const places: [number, number][] = []
      for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1))
        places.push([at, at + secret.length])
      return places
    })
    all.sort((a, b) => a[0] - b[0])
    const merged: [number, number][] = []
    for (const [from, to] of all) {
      const last = merged.at(-1)
      if (last !== undefined && from < last[1]) last[1] = Math.max(last[1], to)
      else merged.push([from, to])
    }
    return merged
  }

  /** Up to where nothing that comes can make a secret of what stands there. */
  #knownUpTo(text: Buffer, found: readonly [number, number][]): number {
    const longest = Math.max(1, ...this.#secrets.map(({ length }) => length))
    let start = Math.max(0, text.length - longest + 1)
    while (start < text.length && !this.#mayBegin(text.subarray(start))) start += 1
    const around = found.find(([from, to]) => from < start && start < to)
    return around === undefined ? start : around[0]
  }

  #mayBegin(rest: Buffer): boolean {
    return this.#secrets.some((secret) => secret.length > rest.length && secret.subarray(0, rest.length).equals(rest))
  }
}

function replaced(text: Buffer, found: readonly [number, number][], end: number): Buffer {
  if (found.length === 0) return text.subarray(0, end)
  const parts: Buffer[] = []
  let at = 0
  for (const [from, to] of found) {
    if (from >= end) break
    parts.push(text.subarray(at, from), MASK)
    at = to
  }
  if (at < end) parts.push(text.subarray(at, end))
  return Buffer.concat(parts)
}

/** A text without the secrets. */
export function maskText(text: string, secrets: readonly string[]): string {
  if (!secrets.some((secret) => secret !== '' && text.includes(secret))) return text
  const masker = new Masker(secrets)
  return Buffer.concat([masker.push(Buffer.from(text)).bytes, masker.end().bytes]).toString()
}

/** A value without the secrets, in names and in texts. */
export function maskJson(value: Json, secrets: readonly string[]): Json {
  if (typeof value === 'string') return maskText(value, secrets)
  if (typeof value === 'number') return maskNumber(value, secrets)
  if (Array.isArray(value)) return value.map((item) => maskJson(item, secrets))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [maskText(key, secrets), maskJson(item, secrets)] as const)
  return Object.fromEntries(entries)
}

function maskNumber(value: number, secrets: readonly string[]): Json {
  const text = String(value)
  return secrets.includes(text) ? maskText(text, secrets) : value
}
