import type { Duration, MemorySize } from './definition.js'

const DURATION_UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const
const MEMORY_UNITS = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
} as const

/** `1h30m`, `1d`, `250ms`, `1.5s`: largest unit first, each at most once. */
export const DURATION_PATTERN =
  '^(?=[0-9])(?:[0-9]+(?:\\.[0-9]+)?d)?(?:[0-9]+(?:\\.[0-9]+)?h)?(?:[0-9]+(?:\\.[0-9]+)?m(?!s))?(?:[0-9]+(?:\\.[0-9]+)?s)?(?:[0-9]+ms)?$'

/** `512MB`, `1.5GiB`, `100B`. */
export const MEMORY_PATTERN = '^[0-9]+(?:\\.[0-9]+)?(?:B|[KMGT]i?B)$'

const DURATION = new RegExp(DURATION_PATTERN)
const MEMORY = new RegExp(MEMORY_PATTERN)

/** Milliseconds, rounded; a number is seconds. Throws on text that does not match `DURATION_PATTERN`. */
export function millisecondsOf(duration: Duration): number {
  if (typeof duration === 'number') return Math.round(duration * 1_000)
  if (!DURATION.test(duration)) throw new Error(`Not a duration: ${duration}`)
  let total = 0
  for (const [, amount, unit] of duration.matchAll(/([0-9.]+)(ms|[dhms])/g)) {
    total += Number(amount) * DURATION_UNITS[unit as keyof typeof DURATION_UNITS]
  }
  return Math.round(total)
}

/** Bytes, rounded; a number is bytes. Throws on text that does not match `MEMORY_PATTERN`. */
export function bytesOf(size: MemorySize): number {
  if (typeof size === 'number') return Math.round(size)
  const match = /^([0-9.]+)([A-Za-z]+)$/.exec(size)
  if (match === null || !MEMORY.test(size)) throw new Error(`Not a size of memory: ${size}`)
  return Math.round(Number(match[1]) * MEMORY_UNITS[(match[2] as string).toUpperCase() as keyof typeof MEMORY_UNITS])
}
