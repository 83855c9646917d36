import { EXIT } from '../exit-code.js'
import { changeMachine } from '../machines/change-machine.js'
import { MACHINE_FIELDS, printMachine } from '../machines/machine.js'
import type { AddCommand } from './command.js'

const PROBE_MACHINE = /* GraphQL */ `
  mutation ProbeMachine($input: ProbeMachineInput!) {
    probeMachine(input: $input) { machine { ...MachineFields } userErrors { message code path } }
  }
  ${MACHINE_FIELDS}
`

/** `dagbook machine probe NAME`: contacts a machine now. */
export const addMachineProbe: AddCommand = (parent, world, finish) => {
  parent
    .command('probe')
    .description('Contact a machine now; exit code 1 when it is not ONLINE')
    .argument('<machine>', 'its name')
    .option('--json', 'print { machine }')
    .action(async (name: string, options: { json?: boolean }) => {
      const machine = await changeMachine(world, name, { document: PROBE_MACHINE })
      if (options.json) world.terminal.json({ machine })
      else printMachine(world.terminal, machine)
      finish(machine.status === 'ONLINE' ? EXIT.OK : EXIT.MACHINE_NOT_ONLINE)
    })
}
