import type { Machine } from '../machines/machine.js'
import type { OfferedMachine } from '../queue/candidate.js'

/** The machines that this dispatcher reaches, as the queue knows them and as something can be started there. */
export interface ReachedMachine extends OfferedMachine {
  readonly machine: Machine
}

/** Which machines there are to dispatch to. In time it grows and shrinks; attempts ask for theirs by id. */
export class MachineFleet {
  readonly #machines: ReadonlyMap<string, ReachedMachine>

  constructor(machines: readonly ReachedMachine[]) {
    this.#machines = new Map(machines.map((machine) => [machine.id, machine]))
  }

  get offered(): readonly OfferedMachine[] {
    return [...this.#machines.values()]
  }

  get ids(): readonly string[] {
    return [...this.#machines.keys()]
  }

  machine(id: string | null): Machine | null {
    return id === null ? null : (this.#machines.get(id)?.machine ?? null)
  }
}
