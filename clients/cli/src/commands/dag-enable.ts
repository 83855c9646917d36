import { setEnabled } from '../dags/set-enabled.js'
import { EXIT } from '../exit-code.js'
import type { AddCommand } from './command.js'

/** `dagbook dag enable PROJECT/DAG`. */
export const addDagEnable: AddCommand = (parent, world, finish) => {
  parent
    .command('enable')
    .description('Let the schedule of a DAG fire; what it did not fire while disabled is not made up for')
    .argument('<dag>', 'PROJECT/DAG')
    .option('--json', 'print { dag }')
    .action(async (text: string, options: { json?: boolean }) => {
      await setEnabled(world, text, true, options)
      finish(EXIT.OK)
    })
}
