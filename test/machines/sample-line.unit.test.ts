import { parseSampleLine } from '../../src/machines/sample-line.js'

const LINE = '+ instance_1 7 2608657 206 6699 1490944 3 2 4096 8192 2 24683620 23122972'

it('reads what the sampler writes', () => {
  expect(parseSampleLine(LINE)).toEqual({
    instanceId: 'instance_1',
    fence: 7,
    uptime: 2_608_657,
    coveredMs: 2_060,
    cpuPercent: 66.99,
    memoryBytes: 1_490_944,
    threads: 3,
    processes: 2,
    diskReadBytes: 4_096,
    diskWriteBytes: 8_192,
    host: { cpus: 2, memoryBytes: 24_683_620 * 1_024, availableBytes: 23_122_972 * 1_024 },
  })
})

it('takes what the host does not tell for unknown', () => {
  const sample = parseSampleLine('+ instance_1 7 100 10 0 0 1 1 - - 2 - -')
  expect(sample).toMatchObject({ diskReadBytes: null, diskWriteBytes: null })
  expect(sample?.host).toEqual({ cpus: 2, memoryBytes: null, availableBytes: null })
})

it('takes a torn line, another version and an end for none', () => {
  const others = [LINE.slice(0, -1).concat('x'), LINE.slice(0, 40), `${LINE} 1`, LINE.slice(2), 'instance_1 7', '']
  expect(others.map(parseSampleLine)).toEqual(others.map(() => null))
  expect(parseSampleLine(LINE.replace('206', '-5'))).toBe(null)
})
