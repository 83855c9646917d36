import { projectIds } from '../dags/find-project.js'
import { EXIT } from '../exit-code.js'
import { UsageFailure } from '../failure.js'
import { findPool } from '../pools/pool.js'
import { printQueue, updateQueue } from '../queues/queue.js'
import { type AddCommand, collected, listOrNone, wholeNumber } from './command.js'

interface Options {
  readonly capacity?: number
  readonly priority?: number
  readonly pool?: string
  readonly project?: string[]
  /** False: all projects' work; otherwise it says nothing. */
  readonly projects: boolean
  readonly json?: boolean
}

/** `dagbook queue update NAME`: changes what is given; the projects replace those before. */
export const addQueueUpdate: AddCommand = (parent, world, finish) => {
  parent
    .command('update')
    .description('Change what is given of a queue; what runs goes on')
    .argument('<queue>', 'its name')
    .option('--capacity <n>', 'instances that may run from it at a time', wholeNumber(0, 1_000_000))
    .option('--priority <n>', 'before other queues, a step is worth a minute', wholeNumber(-100, 100))
    .option('--pool <name>', 'whose cpu and memory it takes')
    .option('--project <name>', 'takes the work of this project only (repeated)', collected)
    .option('--no-projects', 'takes the work of all projects')
    .option('--json', 'print { queue }')
    .action(async (name: string, { capacity, priority, pool, project, projects, json }: Options) => {
      const wanted = listOrNone('project', project, projects)
      if ([capacity, priority, pool, wanted].every((value) => value === undefined)) {
        throw new UsageFailure('Options: at least one must say what is to change', 'dagbook queue update --help')
      }
      const queue = await updateQueue(world, name, async (api) => ({
        capacity,
        priority,
        poolId: pool === undefined ? undefined : (await findPool(api, pool)).id,
        projectIds: wanted === undefined ? undefined : await projectIds(api, wanted),
      }))
      if (json) world.terminal.json({ queue })
      else printQueue(world.terminal, queue)
      finish(EXIT.OK)
    })
}
