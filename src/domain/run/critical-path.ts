import type { ForecastTimes } from './forecast.js'

/**
 * The chain of tasks that determines, or determined, when the run ends, from its first to its last, by their places in the
 * list: before each stands the one whose end it had to wait for. That is the last of its needs; where the run limits
 * how many are under way (`isLimited`), whatever ended last before it started, if that was later.
 */
export function criticalPath(
  needs: readonly (readonly number[])[],
  times: readonly ForecastTimes[],
  isLimited: boolean,
): number[] {
  const last = latest(
    times.map((_, at) => at),
    times,
  )
  const byEnd = isLimited ? times.map((_, at) => at).sort((a, b) => endOf(times, a) - endOf(times, b)) : []
  const path = new Set<number>()
  for (let at = last; at !== null && !path.has(at); at = before(at)) path.add(at)
  return [...path].reverse()

  function before(at: number): number | null {
    const { startsAt, after } = times[at] as ForecastTimes
    if (after !== null) return after
    const need = latest(needs[at] as readonly number[], times)
    const freed = isLimited ? lastEnded(byEnd, times, startsAt, at) : null
    if (need === null || freed === null) return need ?? freed
    return endOf(times, freed) > endOf(times, need) ? freed : need
  }
}

function endOf(times: readonly ForecastTimes[], at: number): number {
  return (times[at] as ForecastTimes).endsAt
}

/** Of several that end together the first in the list. */
function latest(places: readonly number[], times: readonly ForecastTimes[]): number | null {
  let found: number | null = null
  for (const at of places) if (found === null || endOf(times, at) > endOf(times, found)) found = at
  return found
}

/** The last one that ended up to that moment, other than `self`; null: none did. */
function lastEnded(
  byEnd: readonly number[],
  times: readonly ForecastTimes[],
  moment: number,
  self: number,
): number | null {
  let [low, high] = [0, byEnd.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (endOf(times, byEnd[middle] as number) <= moment) low = middle + 1
    else high = middle
  }
  for (let at = low - 1; at >= 0; at -= 1) if (byEnd[at] !== self) return byEnd[at] as number
  return null
}
