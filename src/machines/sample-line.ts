import type { AttemptSample } from './machine.js'

const NUMBER = '(\\d{1,15})'
const MAYBE = '(\\d{1,15}|-)'
const SAMPLE_LINE = new RegExp(
  `^\\+ ([A-Za-z0-9_-]+) ${Array(7).fill(NUMBER).join(' ')} ${MAYBE} ${MAYBE} ${NUMBER} ${MAYBE} ${MAYBE}$`,
)
/** 100 days in hundredths of seconds: whoever measures an old attempt for the first time covers all of its life. */
const MAX_COVERED = 864_000_000

/** Reads a line of the sampler (sampler-script.ts says what it holds); null when that is no whole one. */
export function parseSampleLine(line: string): Omit<AttemptSample, 'ageMs'> | null {
  const found = SAMPLE_LINE.exec(line)
  if (found === null) return null
  const [, instanceId = '', ...words] = found
  const [fence, uptime, covered, cpu, memory, threads, processes, read, written, cpus, totalKb, availableKb] =
    words.map((word) => (word === '-' ? null : Number(word)))
  return {
    instanceId,
    fence: fence ?? 0,
    uptime: uptime ?? 0,
    coveredMs: Math.min(covered ?? 0, MAX_COVERED) * 10,
    cpuPercent: (cpu ?? 0) / 100,
    memoryBytes: memory ?? 0,
    threads: threads ?? 0,
    processes: processes ?? 0,
    diskReadBytes: read ?? null,
    diskWriteBytes: written ?? null,
    host: { cpus: cpus ?? 0, memoryBytes: bytes(totalKb), availableBytes: bytes(availableKb) },
  }
}

function bytes(kilobytes: number | null | undefined): number | null {
  return typeof kilobytes === 'number' ? kilobytes * 1_024 : null
}
