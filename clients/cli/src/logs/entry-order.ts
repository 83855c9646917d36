import type { LogEntry } from './log-source.js'

/**
 * Lets every entry of one attempt's output pass once. A slice or a stream that is asked for from the last entry on may
 * repeat it, and may by then carry more text in it; only what is new passes.
 */
export class EntryOrder {
  private last = -1n
  private lastText = ''

  /** Where to ask for more; null when nothing has passed yet. */
  get cursor(): string | null {
    return this.last < 0n ? null : String(this.last)
  }

  /** The part of the entry that has not passed before. */
  pass(entry: LogEntry): LogEntry | undefined {
    const offset = BigInt(entry.offset)
    if (offset > this.last) {
      this.last = offset
      this.lastText = entry.text
      return entry
    }
    if (offset < this.last || !entry.text.startsWith(this.lastText) || entry.text === this.lastText) return undefined
    const text = entry.text.slice(this.lastText.length)
    this.lastText = entry.text
    return { ...entry, text }
  }
}
