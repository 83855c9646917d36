import { type AgentOptions, openAgent } from './agent-command.js'
import type { AttemptRef } from './machine.js'
import type { Channel } from './transport.js'

/** Between attempts to reach a host whose event channel broke, in ms. */
const PAUSES_MS = [0, 50, 200, 1000, 5000]

/**
 * Follows a spool's event file over a channel of its own, and opens that again when it breaks, from the line after the
 * last one seen. `onReopen` is called then as well, as the file may have been cut short meanwhile.
 */
export class ExitListener {
  private channel: Channel | null = null
  private timer: NodeJS.Timeout | null = null
  private isClosed = false
  private failures = 0

  constructor(
    private readonly options: AgentOptions,
    /** 1-based: the first line that was not seen. */
    private nextLine: number,
    private readonly onExit: (attempt: AttemptRef) => void,
    private readonly onReopen: () => void,
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
    channel.input.write(`1 FOLLOW ${this.nextLine}\n`)
    void channel.closed.then(() => this.again())
  }

  private take(line: string): void {
    this.nextLine += 1
    this.failures = 0
    const [, instanceId, fence] = /^([A-Za-z0-9_-]+) (\d+)$/.exec(line) ?? []
    if (instanceId !== undefined) this.onExit({ instanceId, fence: Number(fence) })
  }

  private again(): void {
    if (this.isClosed) return
    const pauseMs = PAUSES_MS[Math.min(this.failures++, PAUSES_MS.length - 1)]
    this.timer = setTimeout(() => {
      this.follow().then(this.onReopen, () => this.again())
    }, pauseMs)
  }
}
