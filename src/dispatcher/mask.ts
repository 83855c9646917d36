import type { Json } from '../domain/json.js'

const MASK = Buffer.from('***')
/** A secret that overlaps itself could be waited for without end. */
const MAX_HELD = 1_048_576

/** What of a stream may be stored now, and how many bytes of the stream it stands for. */
export interface Masked {
  readonly bytes: Buffer
  readonly sourceLength: number
}

/** From this byte on, and up to that one. */
type Place = [from: number, to: number]

interface Pattern {
  readonly bytes: Buffer
  /** Of each of its beginnings: how long the longest other beginning is that it ends with. */
  readonly borders: Int32Array
}

/**
 * Replaces an attempt's secrets by `***`; those that overlap, as one. They are looked for as in Knuth, Morris, Pratt: Fast
 * pattern matching in strings (1977), in a time that grows with the text alone, for tasks choose both.
 */
export class Mask {
  readonly #patterns: readonly Pattern[]

  /** Empty secrets are left out. */
  constructor(secrets: readonly string[]) {
    this.#patterns = secrets.filter((secret) => secret !== '').map((secret) => patternOf(Buffer.from(secret)))
  }

  /** There is nothing to replace. */
  get isEmpty(): boolean {
    return this.#patterns.length === 0
  }

  /** For one stream, piece by piece. */
  stream(): Masker {
    return new Masker(this.#patterns)
  }

  /** A text without the secrets. */
  text(text: string): string {
    if (this.isEmpty) return text
    const masker = this.stream()
    const source = Buffer.from(text)
    const masked = Buffer.concat([masker.push(source).bytes, masker.end().bytes])
    // As it was: half of a surrogate pair would not come through.
    return masked.equals(source) ? text : masked.toString()
  }

  /** A value without the secrets, in names, in texts and in numbers. */
  json(value: Json): Json {
    if (this.isEmpty) return value
    if (typeof value === 'string') return this.text(value)
    if (typeof value === 'number') return this.#number(value)
    if (Array.isArray(value)) return value.map((item) => this.json(item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.json(item)]))
  }

  /** Not in the midst of others' digits. */
  #number(value: number): Json {
    const text = Buffer.from(String(value))
    return this.#patterns.some(({ bytes }) => bytes.equals(text)) ? MASK.toString() : value
  }
}

/** Masks a stream wherever it was cut into pieces: what may be the beginning of a secret is held until it is known. */
export class Masker {
  readonly #searches: readonly Search[]
  #held: Buffer = Buffer.alloc(0)
  /** Secrets in what is held. */
  #found: readonly Place[] = []

  constructor(patterns: readonly Pattern[]) {
    this.#searches = patterns.map((pattern) => new Search(pattern))
  }

  /** The stream goes on with these bytes. */
  push(bytes: Buffer): Masked {
    const text = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes])
    const places = this.#searches.flatMap((search) => search.next(bytes, this.#held.length))
    const found = merged([...this.#found, ...places])
    const isTooMuch = text.length > MAX_HELD
    if (isTooMuch) for (const search of this.#searches) search.matched = 0
    const end = isTooMuch ? text.length : this.#knownUpTo(text.length, found)
    this.#held = Buffer.from(text.subarray(end))
    this.#found = found.filter(([, to]) => to > end).map(([from, to]) => [from - end, to - end])
    return { bytes: replaced(text, found, end), sourceLength: end }
  }

  /** The stream has ended. */
  end(): Masked {
    const [text, found] = [this.#held, this.#found]
    this.#held = Buffer.alloc(0)
    this.#found = []
    return { bytes: replaced(text, found, text.length), sourceLength: text.length }
  }

  /** Up to where nothing that comes can make a secret of what stands there. */
  #knownUpTo(length: number, found: readonly Place[]): number {
    const start = length - Math.max(0, ...this.#searches.map(({ matched }) => matched))
    const around = found.find(([from, to]) => from < start && start < to)
    return around === undefined ? start : around[0]
  }
}

/** Where one secret stands in a stream. */
class Search {
  /** How much of its beginning the stream ends with. */
  matched = 0

  constructor(private readonly pattern: Pattern) {}

  /** Where it ends in these bytes, which stand at `offset`; what overlaps is one place. */
  next(bytes: Buffer, offset: number): Place[] {
    const { bytes: secret, borders } = this.pattern
    const first = secret[0] as number
    const places: Place[] = []
    let { matched } = this
    for (let at = 0; at < bytes.length; at += 1) {
      if (matched === 0) at = bytes.indexOf(first, at)
      if (at < 0) break
      while (matched > 0 && secret[matched] !== bytes[at]) matched = borders[matched - 1] as number
      if (secret[matched] === bytes[at]) matched += 1
      if (matched < secret.length) continue
      const to = offset + at + 1
      add(places, [to - secret.length, to])
      matched = borders[matched - 1] as number
    }
    this.matched = matched
    return places
  }
}

function patternOf(bytes: Buffer): Pattern {
  const borders = new Int32Array(bytes.length)
  for (let at = 1, length = 0; at < bytes.length; at += 1) {
    while (length > 0 && bytes[at] !== bytes[length]) length = borders[length - 1] as number
    if (bytes[at] === bytes[length]) length += 1
    borders[at] = length
  }
  return { bytes, borders }
}

function merged(places: readonly Place[]): Place[] {
  const merged: Place[] = []
  for (const place of places.toSorted((a, b) => a[0] - b[0])) add(merged, place)
  return merged
}

/** Behind the others, or as more of the last one. */
function add(places: Place[], [from, to]: Place): void {
  const last = places.at(-1)
  if (last !== undefined && from < last[1]) last[1] = Math.max(last[1], to)
  else places.push([from, to])
}

function replaced(text: Buffer, found: readonly Place[], end: number): Buffer {
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
