import { LRUCache } from 'lru-cache'

/** A stretch of time in which a zone's clocks keep one distance from UTC; a long one comes in several. */
export interface Stretch {
  /** Milliseconds since the epoch; `end` is not part of it. */
  readonly start: number
  readonly end: number
  /** Wall clock minus UTC, in milliseconds. */
  readonly offset: number
  /** Those right before `start` and at `end`: its own where the clocks do not change there. */
  readonly before: number
  readonly after: number
}

const WEEK_MS = 7 * 86_400_000
/** A stretch is followed no further: looking takes longer than walking on, and rare times are far apart. */
const WEEKS_AHEAD = 2

const zones = new LRUCache<string, Zone>({ max: 1_000 })

/** Whether it is the name of a time zone that this platform knows. */
export function isZone(name: string): boolean {
  return findZone(name) !== null
}

/** Throws RangeError for a name that is none. */
export function zoneOf(name: string): Zone {
  const zone = findZone(name)
  if (zone === null) throw new RangeError(`Not a time zone: ${name}`)
  return zone
}

/** Making a formatter takes a hundred times as long as using it. */
function findZone(name: string): Zone | null {
  const known = zones.get(name)
  if (known !== undefined) return known
  if (!/^[A-Za-z]/.test(name) || name.length > 100) return null
  try {
    const zone = new Zone(name)
    zones.set(name, zone)
    return zone
  } catch {
    return null
  }
}

/** `01/31/2026, 23:00:00`: the form that this format has, whatever the zone. */
const FORM = /^(\d+)\/(\d+)\/(\d+),? (\d+):(\d+):(\d+)$/

/**
 * A time zone's changes of offset, found in the platform's data: it is looked at week by week, as no zone has changed its
 * clocks there and back within one, and each change is then closed in on to the second.
 */
export class Zone {
  readonly #format: Intl.DateTimeFormat
  readonly #stretches = new LRUCache<number, Stretch>({ max: 200 })

  /** Throws RangeError. */
  constructor(readonly name: string) {
    const two = '2-digit'
    const date = { year: 'numeric', month: two, day: two } as const
    const time = { hour: two, minute: two, second: two, hourCycle: 'h23' } as const
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, ...date, ...time })
  }

  /** Wall clock minus UTC at that moment, in milliseconds. */
  offsetAt(at: number): number {
    const second = Math.floor(at / 1_000) * 1_000
    const match = FORM.exec(this.#format.format(second))
    if (match === null) throw new Error(`Time in ${this.name} cannot be read: ${this.#format.format(second)}`)
    const [month, day, year, hour, minute, seconds] = match.slice(1).map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    return Date.UTC(year, month - 1, day, hour, minute, seconds) - second
  }

  /** The stretch that the moment is in, or the part of it from a while before the moment to a while after. */
  stretchAt(at: number): Stretch {
    const week = Math.floor(at / WEEK_MS)
    const known = this.#stretches.get(week)
    if (known !== undefined && known.start <= at && at < known.end) return known
    const found = this.#find(at)
    this.#stretches.set(week, found)
    return found
  }

  #find(at: number): Stretch {
    const offset = this.offsetAt(at)
    const last = at - WEEK_MS
    const start = this.offsetAt(last) === offset ? last : this.#closeIn(at, last, offset)
    const before = start === last ? offset : this.offsetAt(start - 1)
    for (let weeks = 0; weeks < WEEKS_AHEAD; weeks += 1) {
      const [near, next] = [at + weeks * WEEK_MS, at + (weeks + 1) * WEEK_MS]
      if (this.offsetAt(next) === offset) continue
      const end = this.#closeIn(near, next, offset)
      return { start, end, offset, before, after: this.offsetAt(end) }
    }
    // A week short of what was seen: so no change is right behind an end that is none.
    return { start, end: at + (WEEKS_AHEAD - 1) * WEEK_MS, offset, before, after: offset }
  }

  /** Where the clocks change between a moment with the offset and one without it. */
  #closeIn(withIt: number, without: number, offset: number): number {
    let inside = Math.floor(withIt / 1_000)
    let outside = Math.floor(without / 1_000)
    while (Math.abs(outside - inside) > 1) {
      const middle = Math.floor((inside + outside) / 2)
      if (this.offsetAt(middle * 1_000) === offset) inside = middle
      else outside = middle
    }
    return Math.max(inside, outside) * 1_000
  }
}
