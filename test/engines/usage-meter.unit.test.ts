import { UsageMeter } from '../../src/engines/usage-meter.js'
import type { AttemptSample } from '../../src/machines/machine.js'

const MB = 1_000_000

function sample(uptime: number, coveredMs: number, memoryMb: number, cpuPercent = 0): AttemptSample {
  const host = { cpus: 2, memoryBytes: null, availableBytes: null }
  const disk = { diskReadBytes: null, diskWriteBytes: null }
  const some = { instanceId: 'instance_1', fence: 7, ageMs: 0, threads: 1, processes: 1, host, ...disk }
  return { ...some, uptime, coveredMs, memoryBytes: memoryMb * MB, cpuPercent }
}

it('weighs a sample by the time it stands for, and keeps the peak', () => {
  const meter = new UsageMeter(null)
  for (const each of [sample(100, 1_000, 10, 50), sample(400, 3_000, 50, 10)]) meter.add(each)
  expect(meter.usage(null)).toEqual({ averageMemoryMb: 40, peakMemoryMb: 50, averageCpuPercent: 20 })
})

it('counts a sample that is told again once', () => {
  const meter = new UsageMeter(null)
  expect([sample(100, 1_000, 10), sample(100, 1_000, 10), sample(50, 500, 900)].map((each) => meter.add(each))).toEqual(
    [true, false, false],
  )
  expect(meter.usage(null)?.peakMemoryMb).toBe(10)
})

it('does not count twice what another sampler covers anew', () => {
  const meter = new UsageMeter(null)
  meter.add(sample(1_000, 10_000, 10))
  meter.add(sample(1_100, 11_000, 21))
  expect(meter.usage(null)?.averageMemoryMb).toBe(11)
})

it('goes on from what another server added up', () => {
  const before = { coveredMs: 1_000, memoryByteMs: 10_000 * MB, cpuPercentMs: 0, peakMemoryBytes: 99 * MB, uptime: 100 }
  const meter = new UsageMeter(before)
  expect(meter.add(sample(100, 1_000, 500))).toBe(false)
  meter.add(sample(400, 3_000, 50))
  expect(meter.usage(null)).toMatchObject({ averageMemoryMb: 40, peakMemoryMb: 99 })
})

it("takes the cpu from the runner's count, also where no sample was taken", () => {
  const exit = { cpuSeconds: 0.5, durationMs: 2_000 }
  const meter = new UsageMeter(null)
  expect(meter.usage(exit)).toEqual({ averageMemoryMb: null, peakMemoryMb: null, averageCpuPercent: 25 })
  meter.add(sample(100, 1_000, 10, 99))
  expect(meter.usage(exit)).toEqual({ averageMemoryMb: 10, peakMemoryMb: 10, averageCpuPercent: 25 })
})

it('says nothing where nothing is known', () => {
  expect(new UsageMeter(null).usage(null)).toBe(null)
  expect(new UsageMeter(null).usage({ cpuSeconds: 0, durationMs: 0 })).toBe(null)
})
