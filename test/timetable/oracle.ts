/**
 * A slow judge of schedules that shares nothing with the code: it looks at the clock on the wall in every minute of a
 * stretch of time, and at every minute that the wall's clock never showed.
 */
export interface WallMinute {
  readonly month: number
  readonly day: number
  readonly weekday: number
  readonly hour: number
  readonly minute: number
}

export type Matches = (wall: WallMinute) => boolean

const MINUTE_MS = 60_000

/** What the wall clock shows in each minute from `from` on: the minute since the epoch, as if that were UTC. */
export function readWall(zone: string, from: number, until: number): Map<number, number> {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
  const walls = new Map<number, number>()
  for (let at = from; at < until; at += MINUTE_MS) {
    walls.set(at, Date.parse(`${format.format(at).replace(' ', 'T')}Z`))
  }
  return walls
}

export function judge(
  walls: ReadonlyMap<number, number>,
  matches: Matches,
  onSkippedTime: 'SKIP' | 'SHIFT_FORWARD',
  onRepeatedTime: 'FIRST' | 'LAST' | 'BOTH',
): number[] {
  const shown = new Map<number, number[]>()
  for (const [at, wall] of walls) shown.set(wall, [...(shown.get(wall) ?? []), at])
  const all = [...shown.keys()].sort((a, b) => a - b)
  const fires = new Set<number>()
  let before = shown.get(all[0] as number)?.at(-1) as number
  let sinceShown = 0
  for (let wall = all[0] as number; wall <= (all.at(-1) as number); wall += MINUTE_MS) {
    const moments = shown.get(wall)
    if (moments === undefined) {
      sinceShown += MINUTE_MS
      if (onSkippedTime === 'SHIFT_FORWARD' && matches(minuteOf(wall))) fires.add(before + sinceShown)
      continue
    }
    before = moments[0] as number
    sinceShown = 0
    if (!matches(minuteOf(wall))) continue
    if (onRepeatedTime !== 'LAST') fires.add(moments[0] as number)
    if (onRepeatedTime !== 'FIRST') fires.add(moments.at(-1) as number)
  }
  return [...fires].sort((a, b) => a - b)
}

function minuteOf(wall: number): WallMinute {
  const date = new Date(wall)
  return {
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
  }
}

/** The minutes around which the wall clock jumps, of two years, found hour by hour. */
export function jumps(zone: string, from: number, until: number): number[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
  const offset = (at: number) => Date.parse(`${format.format(at).replace(' ', 'T')}Z`) - at
  const found: number[] = []
  for (let at = from; at < until; at += 86_400_000) {
    if (offset(at) === offset(at + 86_400_000)) continue
    for (let hour = at; hour < at + 86_400_000; hour += 30 * MINUTE_MS) {
      if (offset(hour) !== offset(hour + 30 * MINUTE_MS)) found.push(hour + 30 * MINUTE_MS)
    }
  }
  return found
}
