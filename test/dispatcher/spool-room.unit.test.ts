import { SpoolRoom } from '../../src/dispatcher/spool-room.js'
import type { HostReport, Machine } from '../../src/machines/machine.js'

const MB = 1_000_000

const withFree = (spoolFreeBytes: number | null) => ({ spoolFreeBytes }) as HostReport
const ofSize = (spoolBytes: () => Promise<number>) => ({ spoolBytes }) as unknown as Machine

it('has room until a look says otherwise, and again when one says so', () => {
  const room = new SpoolRoom({ minFreeBytes: 256 * MB, maxBytes: null }, () => [])
  expect(room.problem).toBe(null)
  room.take(withFree(255 * MB))
  expect(room.problem).toBe('Its spool takes nothing new: 256 MB must be free where it is, given 255 MB')
  room.take(withFree(256 * MB))
  expect(room.problem).toBe(null)
})

it('does not take a host that does not say what is free for one that is full', () => {
  const room = new SpoolRoom({ minFreeBytes: 256 * MB, maxBytes: null }, () => [])
  room.take(withFree(null))
  expect(room.problem).toBe(null)
})

it('adds up what the spools of all users take, and not at every look', async () => {
  let looks = 0
  const size = (bytes: number) =>
    ofSize(async () => {
      looks += 1
      return bytes
    })
  const room = new SpoolRoom({ minFreeBytes: 0, maxBytes: 100 * MB }, () => [size(60 * MB), size(41 * MB)])
  room.take(withFree(1))
  await room.measured()
  expect(room.problem).toBe('Its spool takes nothing new: it may take 100 MB, given 101 MB')
  room.take(withFree(1))
  await room.measured()
  expect(looks).toBe(2)
})

it('keeps what it knows of a host that gives no answer, and asks nothing without a limit', async () => {
  const away = ofSize(() => Promise.reject(new Error('away')))
  const limited = new SpoolRoom({ minFreeBytes: 0, maxBytes: 1 }, () => [away])
  limited.take(withFree(1))
  await limited.measured()
  expect(limited.problem).toBe(null)
  const unlimited = new SpoolRoom({ minFreeBytes: 0, maxBytes: null }, () => {
    throw new Error('asked')
  })
  unlimited.take(withFree(1))
  await unlimited.measured()
  expect(unlimited.problem).toBe(null)
})
