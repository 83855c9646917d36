import { EXIT } from '../exit-code.js'
import { readInstances } from '../runs/instances.js'
import { printInstances, printRun } from '../runs/print-run.js'
import { resolveRun } from '../runs/resolve-run.js'
import { hasEnded, readRun } from '../runs/run.js'
import { FAILED_STATUSES, MOVING_STATUSES } from '../runs/run-watcher.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

interface Options {
  all?: boolean
  exitStatus?: boolean
  json?: boolean
}

/** What is worth a look first, when a run has more instances than fit a screen. */
const REMARKABLE = [...FAILED_STATUSES, ...MOVING_STATUSES]
const SCREEN = 50

/** `dagbook run show RUN`: a run and its instances. */
export const addRunShow: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  parent
    .command('show')
    .description('Show a run and its instances')
    .argument('<run>', "a run's id, or PROJECT/DAG for its latest run")
    .option('--all', `all instances; otherwise, of more than ${SCREEN}, those that failed or are running`)
    .option('--exit-status', 'exit code 1 when the run ended otherwise than SUCCEEDED')
    .option('--json', 'print { run, instances: [...] }')
    .action(async (text: string, options: Options) => {
      await withConnection(world, async ({ api }) => {
        const id = await resolveRun(api, text)
        const { data: run } = await readRun(api, id)
        const showsAll = options.json || options.all || run.counts.total <= SCREEN
        const instances = showsAll
          ? await readInstances(api, id, Number.POSITIVE_INFINITY)
          : await readInstances(api, id, SCREEN, REMARKABLE)
        if (options.json) terminal.json({ run, instances })
        else {
          printRun(terminal, run)
          terminal.print('')
          if (instances.length > 0) printInstances(terminal, instances)
          if (!showsAll) terminal.note(`${run.counts.total - instances.length} more instances: --all shows them`)
        }
        const isBad = hasEnded(run.status) && run.status !== 'SUCCEEDED'
        finish(options.exitStatus && isBad ? EXIT.RUN_NOT_SUCCEEDED : EXIT.OK)
      })
    })
}
