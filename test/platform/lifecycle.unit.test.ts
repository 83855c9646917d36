import { Lifecycle, type Part, StoppedWhileStartingError } from '../../src/platform/lifecycle.js'
import { silentLogger } from '../../src/platform/logger.js'

function record() {
  const told: string[] = []
  const lifecycle = new Lifecycle(silentLogger)
  const begin = (name: string, part: Partial<Part<void>> = {}) =>
    lifecycle.begin({
      name,
      start: () => void told.push(`+${name}`),
      stop: () => void told.push(`-${name}`),
      ...part,
    })
  return { lifecycle, told, begin }
}

const never = () => new Promise<void>(() => undefined)

describe('Lifecycle', () => {
  it('starts in order and stops in the opposite order', async () => {
    const { lifecycle, told, begin } = record()
    for (const name of ['a', 'b', 'c']) await begin(name)
    expect(await lifecycle.stop('test')).toBe(true)
    expect(told).toEqual(['+a', '+b', '+c', '-c', '-b', '-a'])
  })

  it('hands on what a part has made, and gives it back to its stop', async () => {
    const { lifecycle, told } = record()
    const made = await lifecycle.begin({ name: 'a', start: () => 'pool', stop: (value) => told.push(value) })
    expect(made).toBe('pool')
    await lifecycle.stop('test')
    expect(told).toEqual(['pool'])
  })

  it('stops what was started before the one that cannot start', async () => {
    const { lifecycle, told, begin } = record()
    await begin('a')
    await expect(begin('b', { start: () => Promise.reject(new Error('no port')) })).rejects.toThrow('no port')
    await lifecycle.stop('b did not start')
    expect(told).toEqual(['+a', '-a'])
  })

  it('stops the others although one does not, and says so', async () => {
    const { lifecycle, told, begin } = record()
    await begin('a')
    await begin('b', { stop: () => Promise.reject(new Error('stuck')) })
    await begin('c')
    expect(await lifecycle.stop('test')).toBe(false)
    expect(told).toEqual(['+a', '+b', '+c', '-c', '-a'])
  })

  it('gives up on a part that takes longer than it may', async () => {
    const { lifecycle, told, begin } = record()
    await begin('a')
    await begin('b', { stop: never, stopDeadlineMs: 1 })
    expect(await lifecycle.stop('test')).toBe(false)
    expect(told).toEqual(['+a', '+b', '-a'])
    const late = record().begin('b', { start: never, startDeadlineMs: 1 })
    await expect(late).rejects.toThrow('b must start within 1 ms, given up')
  })

  it('stops once, however often it is asked', async () => {
    const { lifecycle, told, begin } = record()
    await begin('a')
    await Promise.all([lifecycle.stop('one'), lifecycle.stop('two')])
    expect(told).toEqual(['+a', '-a'])
  })

  it('waits for the part that is starting when it is stopped, tells it, and starts nothing more', async () => {
    const { lifecycle, told, begin } = record()
    let stopped: Promise<boolean> | undefined
    await lifecycle.begin({
      name: 'a',
      start: (signal) => {
        stopped = lifecycle.stop('test')
        told.push(`aborted ${signal.aborted}`)
      },
      stop: () => void told.push('-a'),
    })
    await expect(begin('b')).rejects.toThrow(StoppedWhileStartingError)
    expect(await stopped).toBe(true)
    expect(told).toEqual(['aborted true', '-a'])
  })
})
