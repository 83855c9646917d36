import { type AgentOptions, openAgent } from './agent-command.js'
import type { AttemptRef, AttemptSample } from './machine.js'
import { parseSampleLine } from './sample-line.js'
import type { Channel } from './transport.js'

/** Between attempts to reach a host whose event channel broke, in ms. */
const PAUSES_MS = [0, 50, 200, 1000, 5000]

export interface ExitListenerOptions extends AgentOptions {
  /** Seconds between two samples of an attempt; null: none are taken. */
  readonly sampleSeconds: number | null
}

/** Who is told what the event channel says. */
export interface EventHandlers {
  readonly onExit: (attempt: AttemptRef) => void
  readonly onSample: (sample: AttemptSample) => void
  /** The channel is open again; the file may have been cut short meanwhile. */
  readonly onReopen: () => void
}

/**
 * Follows a spool's event file over a channel of its own, and opens that again when it breaks, from the line after the
 * last one seen. What the host's sampler measures comes over the same channel; of that, nothing is made up for.
 */
export class ExitListener {
  private channel: Channel | null = null
  private timer: NodeJS.Timeout | null = null
  private isClosed = false
  private failures = 0
  /** The host's uptime when the channel was opened, in hundredths of seconds. */
  private openedAt = 0

  constructor(
    private readonly options: ExitListenerOptions,
    /** 1-based: the first line that was not seen. */
    private nextLine: number,
    private readonly handlers: EventHandlers,
  ) {}

  /** Resolves when the first channel is open; later ones are opened in the background. */
  async start(): Promise<void> {
    try {
      await this.follow()
    } catch {
      this.again()
    }
  }

  async close(): Promise<void> {
    this.isClosed = true
    if (this.timer !== null) clearTimeout(this.timer)
    this.channel?.close()
    await this.channel?.closed
  }

  private async follow(): Promise<void> {
    const channel = await openAgent(this.options, (line) => this.take(line))
    if (this.isClosed) return channel.close()
    this.channel = channel
    channel.input.write(`1 FOLLOW ${this.nextLine} ${this.options.sampleSeconds ?? '-'}\n`)
    void channel.closed.then(() => this.again())
  }

  private take(line: string): void {
    if (line.startsWith('@')) {
      this.openedAt = Number(line.slice(2)) * 100
      return
    }
    this.failures = 0
    if (line.startsWith('+')) this.takeSample(line)
    else this.takeExit(line)
  }

  private takeExit(line: string): void {
    this.nextLine += 1
    const [, instanceId, fence] = /^([A-Za-z0-9_-]+) (\d+)$/.exec(line) ?? []
    if (instanceId !== undefined) this.handlers.onExit({ instanceId, fence: Number(fence) })
  }

  /** One that was taken before the channel was opened is as old as the host's uptime says; all others are of this moment. */
  private takeSample(line: string): void {
    const sample = parseSampleLine(line)
    if (sample !== null) {
      this.handlers.onSample({ ...sample, ageMs: Math.max(0, Math.round(this.openedAt - sample.uptime)) * 10 })
    }
  }

  private again(): void {
    if (this.isClosed) return
    const pauseMs = PAUSES_MS[Math.min(this.failures++, PAUSES_MS.length - 1)]
    this.timer = setTimeout(() => {
      this.follow().then(this.handlers.onReopen, () => this.again())
    }, pauseMs)
  }
}
