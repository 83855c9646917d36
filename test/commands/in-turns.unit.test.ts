import { inTurns } from '../../src/commands/in-turns.js'
import { monotonicMs } from '../../src/platform/clock.js'

/** Longer than a turn. */
function spin(): void {
  const end = monotonicMs() + 25
  while (monotonicMs() < end);
}

it('works through all items in their order, and lets others have their turn in between', async () => {
  const seen: string[] = []
  setImmediate(() => seen.push('another'))
  const isDone = await inTurns(['a', 'b', 'c'], 60_000, (item) => {
    spin()
    seen.push(item)
  })
  expect(isDone).toBe(true)
  expect(seen).toEqual(['a', 'another', 'b', 'c'])
})

it('stops at the deadline and says so', async () => {
  const seen: string[] = []
  expect(
    await inTurns(['a', 'b', 'c'], 20, (item) => {
      spin()
      seen.push(item)
    }),
  ).toBe(false)
  expect(seen.length).toBeLessThan(2)
})
