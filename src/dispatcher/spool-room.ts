import type { HostReport, Machine } from '../machines/machine.js'
import { monotonicMs } from '../platform/clock.js'

/** When a host takes nothing new. */
export interface SpoolLimits {
  /** That much is to stay free where its spool is; 0: whatever there is. */
  readonly minFreeBytes: number
  /** That much its spools may take, of all users together; null: as much as there is. */
  readonly maxBytes: number | null
}

const MB = 1_000_000
const MEASURE_MS = 60_000
/** Of a host's time at most a fiftieth goes into adding up what its spools take. */
const IDLE_FACTOR = 50

/**
 * Whether the spools of one machine have room for another attempt, as of the last look: what is free comes with every
 * report of the host, what they take is added up now and then. A start costs nothing more.
 */
export class SpoolRoom {
  #freeBytes: number | null = null
  #usedBytes: number | null = null
  #measuring: Promise<void> | null = null
  #measureAtMs = 0

  constructor(
    private readonly limits: SpoolLimits,
    /** All that share the limit. */
    private readonly machines: () => readonly Machine[],
  ) {}

  /** The host has just said this. What its spools take is then added up, when it is time; nobody waits for it. */
  take(report: HostReport): void {
    this.#freeBytes = report.spoolFreeBytes
    if (this.limits.maxBytes === null || monotonicMs() < this.#measureAtMs) return
    this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = null
    })
  }

  /** Why nothing new is started; null: there is room. */
  get problem(): string | null {
    const { minFreeBytes, maxBytes } = this.limits
    if (this.#freeBytes !== null && this.#freeBytes < minFreeBytes) {
      return `Its spool takes nothing new: ${mb(minFreeBytes)} must be free where it is, given ${mb(this.#freeBytes)}`
    }
    if (maxBytes !== null && this.#usedBytes !== null && this.#usedBytes > maxBytes) {
      return `Its spool takes nothing new: it may take ${mb(maxBytes)}, given ${mb(this.#usedBytes)}`
    }
    return null
  }

  /** Resolves when nothing is being added up. */
  async measured(): Promise<void> {
    await this.#measuring
  }

  /** Never rejects: of a host that gives no answer the last one stands. */
  async #measure(): Promise<void> {
    const begunMs = monotonicMs()
    try {
      const sizes = await Promise.all(this.machines().map((machine) => machine.spoolBytes()))
      this.#usedBytes = sizes.reduce((sum, bytes) => sum + bytes, 0)
    } catch {}
    const nowMs = monotonicMs()
    this.#measureAtMs = nowMs + Math.max(MEASURE_MS, IDLE_FACTOR * (nowMs - begunMs))
  }
}

function mb(bytes: number): string {
  return `${Math.floor(bytes / MB)} MB`
}
