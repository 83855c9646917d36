import { DeadlineExceeded, withinDeadline } from '../../src/definitions/within-deadline.js'

function forEver(): never {
  for (;;);
}

describe('a deadline', () => {
  it('stops what runs for ever, once it had that much of a processor', () => {
    const begin = process.cpuUsage().user
    expect(() => withinDeadline(50, forEver)).toThrow(DeadlineExceeded)
    expect(process.cpuUsage().user - begin).toBeLessThan(2_000_000)
  })

  it('begins again what was stopped while the machine had no time for it', () => {
    let begun = 0
    const answer = withinDeadline(
      20,
      () => {
        begun += 1
        return begun < 3 ? forEver() : 'done'
      },
      () => 0,
    )
    expect([answer, begun]).toEqual(['done', 3])
  })

  it('ends also on a machine that never has time', () => {
    const begin = performance.now()
    expect(() => withinDeadline(20, forEver, () => 0)).toThrow('The evaluation must end within 20 ms')
    expect(performance.now() - begin).toBeGreaterThan(200)
  })

  it('hands on what the function throws, and lets deadlines stand inside each other', () => {
    const inner = () => withinDeadline(20, forEver)
    expect(() => withinDeadline(10_000, inner)).toThrow('within 20 ms')
    expect(withinDeadline(1_000, () => withinDeadline(500, () => 'inside'))).toBe('inside')
    expect(() =>
      withinDeadline(1_000, () => {
        throw new RangeError('its own')
      }),
    ).toThrow(RangeError)
  })
})
