import type { MachineId } from '../ids.js'

/** What a machine's private key is sealed with: a value that was sealed for one machine is of no use to another. */
export function privateKeyContext(machineId: MachineId): string {
  return `machine:${machineId}:private-key`
}
