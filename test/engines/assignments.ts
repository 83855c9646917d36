import type { Assignment, Control } from '../../src/engines/engine.js'
import type { AttemptSample, OutputStream } from '../../src/machines/machine.js'

/** One attempt of a noop, with what a test wants different. */
export function assignmentOf(change: Partial<Assignment>): Assignment {
  return {
    instanceId: 'instance_1',
    fence: 7,
    attempt: 1,
    isStarted: false,
    action: { engine: 'noop' },
    timeoutMs: null,
    graceMs: 1_000,
    isIdempotent: false,
    environment: {},
    inputs: null,
    secrets: {},
    scope: { parameters: {}, outputs: {}, run: {} },
    machine: null,
    sampled: null,
    ...change,
  }
}

/** What an engine told its dispatcher, in order. */
export class RecordedControl implements Control {
  readonly #stop = new AbortController()
  readonly #detach = new AbortController()
  readonly told: string[] = []
  readonly streams: Record<OutputStream, Buffer> = { STDOUT: Buffer.alloc(0), STDERR: Buffer.alloc(0) }
  readonly collected = { STDOUT: 0, STDERR: 0 }
  isFull = false
  /** Called at every word; may ask for a stop. */
  onTold: (word: string) => void = () => undefined

  get stop(): AbortSignal {
    return this.#stop.signal
  }
  get detach(): AbortSignal {
    return this.#detach.signal
  }
  requestStop(): void {
    this.#stop.abort()
  }
  requestDetach(): void {
    this.#detach.abort()
  }
  async started(): Promise<void> {
    this.#tell('started')
  }
  async output(stream: OutputStream, bytes: Buffer): Promise<void> {
    this.streams[stream] = Buffer.concat([this.streams[stream], bytes])
    this.#tell('output')
  }
  masked(text: string): string {
    return text
  }
  sampled(_: AttemptSample): void {}
  async contactLost(reason: string): Promise<void> {
    this.#tell(`lost: ${reason}`)
  }
  async contactRestored(): Promise<void> {
    this.#tell('restored')
  }

  #tell(word: string): void {
    this.told.push(word)
    this.onTold(word)
  }
}
