import { projectIds } from '../dags/find-project.js'
import { readSource } from '../dags/read-source.js'
import { EXIT } from '../exit-code.js'
import { UsageFailure } from '../failure.js'
import { printMachine } from '../machines/machine.js'
import { updateMachine } from '../machines/update-machine.js'
import { findPool } from '../pools/pool.js'
import { type AddCommand, collected, listOrNone, oneOf, wholeNumber } from './command.js'

interface Options {
  readonly slots?: number
  readonly label?: string[]
  /** False: none at all; otherwise it says nothing, and so for the next two. */
  readonly labels: boolean
  readonly project?: string[]
  readonly projects: boolean
  readonly runUser?: string[]
  readonly runUsers: boolean
  readonly draining?: 'YES' | 'NO'
  readonly pool?: string
  readonly key?: string
  readonly json?: boolean
}

/** `dagbook machine update NAME`: changes what is given; a list replaces the one before. */
export const addMachineUpdate: AddCommand = (parent, world, finish) => {
  parent
    .command('update')
    .description('Change what is given of a machine; a list replaces the one before')
    .argument('<machine>', 'its name')
    .option('--slots <n>', 'instances at a time', wholeNumber(0, 10_000))
    .option('--label <label>', 'what it is good for (repeated)', collected)
    .option('--no-labels', 'no labels')
    .option('--project <name>', 'takes the work of this project only (repeated)', collected)
    .option('--no-projects', 'takes the work of all projects')
    .option('--run-user <name>', 'tasks may run as this user (repeated)', collected)
    .option('--no-run-users', 'tasks run as the login only')
    .option('--draining <yes|no>', 'yes: nothing new comes to it', oneOf('YES', 'NO'))
    .option('--pool <name>', 'the pool that it belongs to')
    .option('--key <file>', "the login's new private key, - for stdin")
    .option('--json', 'print { machine }')
    .action(async (name: string, options: Options) => {
      const privateKey = options.key === undefined ? undefined : await readSource(options.key, world.terminal)
      const { slots, draining, pool, project: projects } = options
      const fixed = {
        slots,
        labels: listOrNone('label', options.label, options.labels),
        allowedRunUsers: listOrNone('run-user', options.runUser, options.runUsers),
        isDraining: draining === undefined ? undefined : draining === 'YES',
        privateKey,
      }
      const wanted = listOrNone('project', projects, options.projects)
      if ([...Object.values(fixed), pool, wanted].every((value) => value === undefined)) {
        throw new UsageFailure('Options: at least one must say what is to change', 'dagbook machine update --help')
      }
      const machine = await updateMachine(world, name, async (api) => ({
        ...fixed,
        projectIds: wanted === undefined ? undefined : await projectIds(api, wanted),
        poolId: pool === undefined ? undefined : (await findPool(api, pool)).id,
      }))
      if (options.json) world.terminal.json({ machine })
      else printMachine(world.terminal, machine)
      finish(EXIT.OK)
    })
}
