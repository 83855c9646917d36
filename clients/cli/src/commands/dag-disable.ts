import { setEnabled } from '../dags/set-enabled.js'
import { EXIT } from '../exit-code.js'
import type { AddCommand } from './command.js'

/** `dagbook dag disable PROJECT/DAG`. */
export const addDagDisable: AddCommand = (parent, world, finish) => {
  parent
    .command('disable')
    .description('Stop the schedule of a DAG; its runs go on, and it can be started by hand')
    .argument('<dag>', 'PROJECT/DAG')
    .option('--json', 'print { dag }')
    .action(async (text: string, options: { json?: boolean }) => {
      await setEnabled(world, text, false, options)
      finish(EXIT.OK)
    })
}
