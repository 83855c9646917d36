/**
 * For every task its place, from 1, by Kahn's algorithm: level by level, ties in the file's order. Throws where the needs form
 * a cycle.
 */
export function executionOrder(needs: readonly (readonly number[])[]): number[] {
  const downstream = downstreamOf(needs)
  const missing = needs.map((list) => list.length)
  const order = new Array<number>(needs.length).fill(0)
  let ready = missing.flatMap((count, ordinal) => (count === 0 ? [ordinal] : []))
  let next = 1
  while (ready.length > 0) {
    const after: number[] = []
    for (const ordinal of ready) {
      order[ordinal] = next++
      for (const child of downstream[ordinal] as number[]) {
        missing[child] = (missing[child] as number) - 1
        if (missing[child] === 0) after.push(child)
      }
    }
    ready = after.sort((a, b) => a - b)
  }
  if (next <= needs.length) throw new Error('The tasks form a cycle')
  return order
}

/** For every task the tasks that need it, in the file's order. */
export function downstreamOf(needs: readonly (readonly number[])[]): number[][] {
  const downstream: number[][] = needs.map(() => [])
  needs.forEach((list, ordinal) => {
    for (const need of list) (downstream[need] as number[]).push(ordinal)
  })
  return downstream
}
