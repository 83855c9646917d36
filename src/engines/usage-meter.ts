import type { AttemptUsage } from '../domain/run/events.js'
import type { AttemptExit, AttemptSample } from '../machines/machine.js'

/** The samples of one attempt, added up. */
export interface SampleTotals {
  readonly coveredMs: number
  /** Bytes, and percent of one core, each times the milliseconds that the sample stands for. */
  readonly memoryByteMs: number
  readonly cpuPercentMs: number
  readonly peakMemoryBytes: number
  /** Of the newest sample: its `uptime`. */
  readonly uptime: number
}

const MB = 1_000_000

/** Adds up what samples tell of one attempt; one that is told again, or comes late, changes nothing. */
export class UsageMeter {
  #totals: SampleTotals | null

  /** What was added up before, by another server: null where nothing was. */
  constructor(totals: SampleTotals | null) {
    this.#totals = totals
  }

  /** Whether the sample is a new one. */
  add({ uptime, coveredMs, memoryBytes, cpuPercent }: AttemptSample): boolean {
    const before = this.#totals
    if (before !== null && uptime <= before.uptime) return false
    // A sampler that has taken another's place covers the attempt's whole life with its first sample.
    const weightMs = before === null ? coveredMs : Math.min(coveredMs, (uptime - before.uptime) * 10)
    this.#totals = {
      coveredMs: (before?.coveredMs ?? 0) + weightMs,
      memoryByteMs: (before?.memoryByteMs ?? 0) + memoryBytes * weightMs,
      cpuPercentMs: (before?.cpuPercentMs ?? 0) + cpuPercent * weightMs,
      peakMemoryBytes: Math.max(before?.peakMemoryBytes ?? 0, memoryBytes),
      uptime,
    }
    return true
  }

  /**
   * The whole attempt's; null where nothing is known. Memory is as the samples saw it; cpu is what the runner counted over
   * all of the attempt's time, and as sampled where there is no exit.
   */
  usage(exit: Pick<AttemptExit, 'cpuSeconds' | 'durationMs'> | null): AttemptUsage | null {
    const totals = this.#totals
    const counted = exit === null || exit.durationMs === 0 ? null : (exit.cpuSeconds / exit.durationMs) * 100_000
    if (totals === null || totals.coveredMs === 0) {
      return counted === null
        ? null
        : { averageMemoryMb: null, peakMemoryMb: null, averageCpuPercent: rounded(counted) }
    }
    const { coveredMs, memoryByteMs, cpuPercentMs, peakMemoryBytes } = totals
    return {
      averageMemoryMb: rounded(memoryByteMs / coveredMs / MB),
      peakMemoryMb: rounded(peakMemoryBytes / MB),
      averageCpuPercent: rounded(counted ?? cpuPercentMs / coveredMs),
    }
  }
}

/** Hundredths are more than anybody can measure. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100
}
