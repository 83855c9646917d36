/** The key that was probably meant: at most two edits away (one for short keys), the first of the nearest; else null. */
export function nearKey(given: string, keys: Iterable<string>): string | null {
  if (given.length > 100) return null
  const wanted = given.toLowerCase()
  let best: string | null = null
  let bestDistance = given.length < 4 ? 2 : 3
  for (const key of keys) {
    if (Math.abs(key.length - given.length) >= bestDistance || key === given) continue
    const distance = editDistance(wanted, key.toLowerCase(), bestDistance)
    if (distance < bestDistance) [best, bestDistance] = [key, distance]
  }
  return best
}

/** ` Did you mean x?`, or nothing when no key is near. */
export function didYouMean(given: string, keys: Iterable<string>): string {
  const near = nearKey(given, keys)
  return near === null ? '' : `. Did you mean ${near}?`
}

/** Optimal string alignment (insert, delete, replace, swap neighbours), given up as soon as it reaches `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (last[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let cost = Math.min(replaced, (last[j] as number) + 1, (row[j - 1] as number) + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] as number) + 1)
      }
      row.push(cost)
    }
    if (Math.min(...row) >= limit) return limit
    beforeLast = last
    last = row
  }
  return last[b.length] as number
}
