import type { OutputStream } from '../machines/machine.js'
import type { Control } from './engine.js'

const CHUNK_BYTES = 256 * 1_024
/** Per stream and call of `collect`, so that a flood of output does not keep the attempt's end waiting to be noticed. */
const CHUNKS_A_TURN = 16

/** At most `maxBytes` of a stream from an offset on; empty when there is nothing. */
export type ReadStream = (stream: OutputStream, offset: number, maxBytes: number) => Promise<Buffer>

/** Moves an attempt's output from its machine to the database, byte for byte, from where collecting ended before. */
export class Collector {
  readonly #offsets: Record<OutputStream, number>

  constructor(
    private readonly read: ReadStream,
    private readonly control: Control,
  ) {
    this.#offsets = { ...control.collected }
  }

  /** What is there now, up to a bound. Answers whether there may be more. */
  async collect(): Promise<boolean> {
    const [stdout, stderr] = [await this.#drain('STDOUT'), await this.#drain('STDERR')]
    return stdout || stderr
  }

  /** Everything, of an attempt that has ended; `sizes` spare asking for what is not there. */
  async collectAll(sizes: Readonly<Record<OutputStream, number>> | null): Promise<void> {
    for (const stream of ['STDOUT', 'STDERR'] as const) {
      const isDone = () => sizes !== null && this.#offsets[stream] >= sizes[stream]
      while (!isDone() && (await this.#drain(stream))) {
        // Once more: the last turn ended at its bound.
      }
    }
  }

  async #drain(stream: OutputStream): Promise<boolean> {
    for (let chunk = 0; chunk < CHUNKS_A_TURN; chunk += 1) {
      if (this.control.isFull) return false
      const bytes = await this.read(stream, this.#offsets[stream], CHUNK_BYTES)
      if (bytes.length === 0) return false
      await this.control.output(stream, bytes)
      this.#offsets[stream] += bytes.length
      if (bytes.length < CHUNK_BYTES) return false
    }
    return true
  }
}
