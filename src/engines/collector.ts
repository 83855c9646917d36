import type { OutputStream, StreamSizes } from '../machines/machine.js'
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

  /** What is there now by these sizes, up to a bound. Answers whether there may be more. */
  async collect(sizes: StreamSizes): Promise<boolean> {
    const [stdout, stderr] = [await this.#drain('STDOUT', sizes.STDOUT), await this.#drain('STDERR', sizes.STDERR)]
    return stdout || stderr
  }

  /** Everything, of an attempt that has ended; null: nobody knows how much that is. */
  async collectAll(sizes: StreamSizes | null): Promise<void> {
    for (const stream of ['STDOUT', 'STDERR'] as const) {
      while (await this.#drain(stream, sizes?.[stream] ?? Number.POSITIVE_INFINITY)) {
        // Once more: the last turn ended at its bound.
      }
    }
  }

  async #drain(stream: OutputStream, size: number): Promise<boolean> {
    for (let chunk = 0; chunk < CHUNKS_A_TURN; chunk += 1) {
      if (this.control.isFull || this.#offsets[stream] >= size) return false
      const bytes = await this.read(stream, this.#offsets[stream], CHUNK_BYTES)
      if (bytes.length === 0) return false
      await this.control.output(stream, bytes)
      this.#offsets[stream] += bytes.length
      if (bytes.length < CHUNK_BYTES) return false
    }
    return true
  }
}
