import { jest } from '@jest/globals'
import { Throttle } from '../../src/platform/throttle.js'
import { Wake } from '../../src/platform/wake.js'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

const never = new AbortController().signal

describe('Wake', () => {
  it('ends the wait when it is set', async () => {
    const wake = new Wake()
    const woken = wake.wait(1_000, never)
    wake.set()
    expect(await woken).toBe(true)
    expect(jest.getTimerCount()).toBe(0)
  })

  it('keeps a wake-up that finds nobody, once', async () => {
    const wake = new Wake()
    wake.set()
    wake.set()
    expect(await wake.wait(1_000, never)).toBe(true)
    const again = wake.wait(1_000, never)
    jest.advanceTimersByTime(1_000)
    expect(await again).toBe(false)
  })

  it('ends the wait when the signal aborts, also one that had aborted before', async () => {
    const stop = new AbortController()
    const waiting = new Wake().wait(1_000, stop.signal)
    stop.abort()
    expect(await waiting).toBe(false)
    expect(await new Wake().wait(1_000, stop.signal)).toBe(false)
    expect(jest.getTimerCount()).toBe(0)
  })
})

describe('Throttle', () => {
  it('calls at once, and the last of many asks once more after the interval', () => {
    let calls = 0
    const throttle = new Throttle(100, () => {
      calls += 1
    })
    for (let ask = 0; ask < 5; ask += 1) throttle.ask()
    expect(calls).toBe(1)
    jest.advanceTimersByTime(100)
    expect(calls).toBe(2)
    jest.advanceTimersByTime(1_000)
    expect(calls).toBe(2)
    throttle.ask()
    expect(calls).toBe(3)
  })

  it('forgets what is still to come when it is canceled, and can be asked again', () => {
    let calls = 0
    const throttle = new Throttle(100, () => {
      calls += 1
    })
    throttle.ask()
    throttle.ask()
    throttle.cancel()
    jest.advanceTimersByTime(1_000)
    expect(calls).toBe(1)
    throttle.ask()
    expect(calls).toBe(2)
  })
})
