import { Lifecycle, type Part } from '../../src/platform/lifecycle.js'
import { silentLogger } from '../../src/platform/logger.js'

function record(parts: readonly (Partial<Part> & { name: string })[]) {
  const told: string[] = []
  const lifecycle = new Lifecycle(silentLogger)
  for (const part of parts) {
    lifecycle.add({
      start: () => void told.push(`+${part.name}`),
      stop: () => void told.push(`-${part.name}`),
      ...part,
    })
  }
  return { lifecycle, told }
}

const never = () => new Promise<void>(() => undefined)

describe('Lifecycle', () => {
  it('starts in order and stops in the opposite order', async () => {
    const { lifecycle, told } = record([{ name: 'a' }, { name: 'b' }, { name: 'c' }])
    await lifecycle.start()
    expect(await lifecycle.stop('test')).toBe(true)
    expect(told).toEqual(['+a', '+b', '+c', '-c', '-b', '-a'])
  })

  it('stops what it had started, the failing part too, when one cannot start', async () => {
    const start = () => Promise.reject(new Error('no port'))
    const { lifecycle, told } = record([{ name: 'a' }, { name: 'b', start }, { name: 'c' }])
    await expect(lifecycle.start()).rejects.toThrow('no port')
    expect(told).toEqual(['+a', '-b', '-a'])
  })

  it('stops the others although one does not, and says so', async () => {
    const stop = () => Promise.reject(new Error('stuck'))
    const { lifecycle, told } = record([{ name: 'a' }, { name: 'b', stop }, { name: 'c' }])
    await lifecycle.start()
    expect(await lifecycle.stop('test')).toBe(false)
    expect(told).toEqual(['+a', '+b', '+c', '-c', '-a'])
  })

  it('gives up on a part that takes longer than it may', async () => {
    const { lifecycle, told } = record([{ name: 'a' }, { name: 'b', stop: never, stopDeadlineMs: 1 }])
    await lifecycle.start()
    expect(await lifecycle.stop('test')).toBe(false)
    expect(told).toEqual(['+a', '+b', '-a'])
    const late = record([{ name: 'a' }, { name: 'b', start: never, startDeadlineMs: 1 }]).lifecycle
    await expect(late.start()).rejects.toThrow('b must start within 1 ms, given up')
  })

  it('stops once, however often it is asked', async () => {
    const { lifecycle, told } = record([{ name: 'a' }])
    await lifecycle.start()
    await Promise.all([lifecycle.stop('one'), lifecycle.stop('two')])
    expect(told).toEqual(['+a', '-a'])
  })

  it('starts nothing more when it is stopped while starting, and tells the part', async () => {
    const told: string[] = []
    const lifecycle = new Lifecycle(silentLogger)
    let stopped: Promise<boolean> | undefined
    lifecycle.add({
      name: 'a',
      start: async (signal) => {
        stopped = lifecycle.stop('test')
        told.push(String(signal.aborted))
      },
    })
    lifecycle.add({ name: 'b', start: () => void told.push('+b') })
    await lifecycle.start()
    expect(await stopped).toBe(true)
    expect(told).toEqual(['true'])
  })
})
