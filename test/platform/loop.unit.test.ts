import { silentLogger } from '../../src/platform/logger.js'
import { Loop } from '../../src/platform/loop.js'

class Counting extends Loop {
  override readonly name = 'counting'
  rounds = 0
  private waiting: { rounds: number; resolve: () => void }[] = []

  constructor(
    intervalMs: number,
    private readonly round: (n: number) => Promise<boolean> | boolean,
  ) {
    super({ intervalMs, logger: silentLogger })
  }

  override async runOnce(): Promise<boolean> {
    this.rounds += 1
    for (const { rounds, resolve } of this.waiting) if (rounds <= this.rounds) resolve()
    return this.round(this.rounds)
  }

  reached(rounds: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.rounds >= rounds) resolve()
      else this.waiting.push({ rounds, resolve })
    })
  }
}

const FOR_EVER_MS = 1_000_000

describe('Loop', () => {
  it('goes on at once while there is more, then rests until it is woken', async () => {
    const loop = new Counting(FOR_EVER_MS, (n) => n < 5)
    loop.start(new AbortController().signal)
    await loop.reached(5)
    loop.wake()
    await loop.reached(6)
    await loop.stop()
    expect(loop.rounds).toBe(6)
  })

  it('does not lose a wake that comes during a round', async () => {
    const loop: Counting = new Counting(FOR_EVER_MS, async (n) => {
      if (n === 1) loop.wake()
      return false
    })
    loop.start(new AbortController().signal)
    await loop.reached(2)
    await loop.stop()
  })

  it('comes back by itself after the interval, and after a failure', async () => {
    const loop = new Counting(1, (n) => {
      if (n < 3) throw new Error('no')
      return false
    })
    loop.start(new AbortController().signal)
    await loop.reached(5)
    await loop.stop()
  })

  it('ends the round under way before stop resolves, and begins no other', async () => {
    let isDone = false
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const loop = new Counting(1, async () => {
      await held
      isDone = true
      return true
    })
    loop.start(new AbortController().signal)
    const stopped = loop.stop()
    release()
    await stopped
    expect([isDone, loop.rounds]).toEqual([true, 1])
  })

  it('stops by the signal as well', async () => {
    const controller = new AbortController()
    const loop = new Counting(FOR_EVER_MS, () => false)
    loop.start(controller.signal)
    await loop.reached(1)
    controller.abort()
    await loop.stop()
    expect(loop.rounds).toBe(1)
  })
})
