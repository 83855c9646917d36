import type { Machine } from '../../src/machines/machine.js'

/** A machine as the contract suite wants it. */
export interface MachineUnderTest {
  readonly machine: Machine
  /** On the host and visible to the test: for files that commands write. */
  readonly dir: string
  readonly close: () => Promise<void>
}

/** The machine of the running suite: there is none before it begins. */
export type Host = () => MachineUnderTest
