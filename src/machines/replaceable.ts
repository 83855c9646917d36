import { ContactError } from './contact-error.js'
import type {
  AttemptRef,
  AttemptSample,
  AttemptSpec,
  HostReport,
  Machine,
  OutputStream,
  StartAnswer,
  StreamSizes,
} from './machine.js'

/**
 * A machine that can be opened anew (another key, another address) under attempts that go on: whoever holds it asks what
 * is behind it now. While there is nothing, every question is answered with ContactError (CONNECT).
 */
export class ReplaceableMachine implements Machine {
  #current: Machine | null = null
  #why = 'The machine is not connected to yet'
  /** What listens, and how it stops to, at the machine behind. */
  readonly #listeners = new Map<(attempt: AttemptRef) => void, () => void>()
  readonly #samplings = new Set<Sampling>()

  /** From now on it is this one; closing the one before is the caller's affair. */
  replace(machine: Machine): void {
    this.#put(machine)
  }

  /** From now on nothing can be asked, and why. */
  detach(why: string): void {
    this.#why = why
    this.#put(null)
  }

  start(attempt: AttemptSpec): Promise<StartAnswer> {
    return this.#ask((machine) => machine.start(attempt))
  }

  probe(attempt: AttemptRef) {
    return this.#ask((machine) => machine.probe(attempt))
  }

  onExit(listener: (attempt: AttemptRef) => void): () => void {
    // A function of its own: the same listener may come twice.
    const mine = (attempt: AttemptRef) => listener(attempt)
    this.#listeners.set(mine, this.#current?.onExit(mine) ?? NOTHING)
    return () => {
      this.#listeners.get(mine)?.()
      this.#listeners.delete(mine)
    }
  }

  onSample(attempt: AttemptRef, listener: (sample: AttemptSample) => void): () => void {
    const listen = (machine: Machine | null) => machine?.onSample(attempt, listener) ?? NOTHING
    const sampling = { listen, unlisten: listen(this.#current) }
    this.#samplings.add(sampling)
    return () => {
      sampling.unlisten()
      this.#samplings.delete(sampling)
    }
  }

  outputSizes(attempt: AttemptRef): Promise<StreamSizes> {
    return this.#ask((machine) => machine.outputSizes(attempt))
  }

  read(attempt: AttemptRef, stream: OutputStream, offset: number, maxBytes: number): Promise<Buffer> {
    return this.#ask((machine) => machine.read(attempt, stream, offset, maxBytes))
  }

  readOutput(attempt: AttemptRef, maxBytes: number): Promise<Buffer | null> {
    return this.#ask((machine) => machine.readOutput(attempt, maxBytes))
  }

  readReport(attempt: AttemptRef, offset: number, maxBytes: number): Promise<Buffer> {
    return this.#ask((machine) => machine.readReport(attempt, offset, maxBytes))
  }

  stop(attempt: AttemptRef, graceMs: number): Promise<void> {
    return this.#ask((machine) => machine.stop(attempt, graceMs))
  }

  forget(attempt: AttemptRef): Promise<void> {
    return this.#ask((machine) => machine.forget(attempt))
  }

  unforgotten(olderThanMs: number): Promise<AttemptRef[]> {
    return this.#ask((machine) => machine.unforgotten(olderThanMs))
  }

  prune(olderThanMs: number): Promise<void> {
    return this.#ask((machine) => machine.prune(olderThanMs))
  }

  spoolBytes(): Promise<number> {
    return this.#ask((machine) => machine.spoolBytes())
  }

  inspect(): Promise<HostReport> {
    return this.#ask((machine) => machine.inspect())
  }

  async close(): Promise<void> {
    const machine = this.#current
    this.detach('The machine is closed')
    await machine?.close()
  }

  #put(machine: Machine | null): void {
    this.#current = machine
    for (const [listener, unlisten] of this.#listeners) {
      unlisten()
      this.#listeners.set(listener, machine?.onExit(listener) ?? NOTHING)
    }
    for (const sampling of this.#samplings) {
      sampling.unlisten()
      sampling.unlisten = sampling.listen(machine)
    }
  }

  async #ask<Answer>(question: (machine: Machine) => Promise<Answer>): Promise<Answer> {
    if (this.#current === null) throw new ContactError('CONNECT', this.#why)
    return question(this.#current)
  }
}

/** Who wants the samples of one attempt, from whatever machine is behind. */
interface Sampling {
  readonly listen: (machine: Machine | null) => () => void
  unlisten: () => void
}

const NOTHING = () => undefined
