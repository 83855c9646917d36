import type { AttemptRef, Machine, OutputStream } from '../machines/machine.js'
import type { Control } from './engine.js'

const CHUNK_BYTES = 256 * 1_024
/** Per stream and call of `collect`, so that a flood of output does not keep the attempt's end waiting to be noticed. */
const CHUNKS_A_TURN = 16

/** Moves an attempt's output from its machine to the database, byte for byte, from where collecting ended before. */
export class Collector {
  readonly #offsets: Record<OutputStream, number>

  constructor(
    private readonly machine: Machine,
    private readonly attempt: AttemptRef,
    private readonly control: Control,
  ) {
    this.#offsets = { ...control.collected }
  }

  /** What is there now, up to a bound. Answers whether there may be more. */
  async collect(): Promise<boolean> {
    const [stdout, stderr] = [await this.#drain('STDOUT'), await this.#drain('STDERR')]
    return stdout || stderr
  }

  /** Everything, of an attempt that has ended. */
  async collectAll(): Promise<void> {
    while (await this.collect()) {
      // Once more: the last turn ended at its bound.
    }
  }

  async #drain(stream: OutputStream): Promise<boolean> {
    for (let chunk = 0; chunk < CHUNKS_A_TURN; chunk += 1) {
      const bytes = await this.machine.read(this.attempt, stream, this.#offsets[stream], CHUNK_BYTES)
      if (bytes.length === 0) return false
      await this.control.output(stream, bytes)
      this.#offsets[stream] += bytes.length
      if (bytes.length < CHUNK_BYTES) return false
    }
    return true
  }
}
