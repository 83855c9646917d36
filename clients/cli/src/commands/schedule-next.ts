import { findDag, parseDagPath } from '../dags/find-dag.js'
import { EXIT } from '../exit-code.js'
import { withConnection } from '../world.js'
import { type AddCommand, wholeNumber } from './command.js'

const NEXT = /* GraphQL */ `
  query NextTimes($id: ID!, $count: Int!) {
    node(id: $id) {
      ... on Dag {
        isEnabled nextRunAt nextRunTimes(count: $count)
        schedule { crons intervalSeconds timezone counters { fired missed skipped dropped } }
      }
    }
  }
`

interface Schedule {
  readonly crons: readonly string[]
  readonly intervalSeconds: number | null
  readonly timezone: string
  readonly counters: Readonly<Record<'fired' | 'missed' | 'skipped' | 'dropped', number>>
}

interface Next {
  readonly isEnabled: boolean
  readonly nextRunAt: string | null
  readonly nextRunTimes: readonly string[]
  readonly schedule: Schedule | null
}

/** `dagbook schedule next PROJECT/DAG`: when the DAG runs by itself. */
export const addScheduleNext: AddCommand = (parent, world, finish) => {
  const { terminal } = world
  parent
    .command('next')
    .description('Show the next times of a schedule, in UTC')
    .argument('<dag>', 'PROJECT/DAG')
    .option('--count <n>', 'so many', wholeNumber(1, 100), 10)
    .option('--json', 'print { isEnabled, nextRunAt, nextRunTimes, schedule }')
    .action(async (text: string, { count, json }: { count: number; json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const { id } = await findDag(api, parseDagPath(text))
        const next = (await api.query<{ node: Next }>(NEXT, { id, count })).data.node
        if (json) terminal.json(next)
        else for (const line of linesOf(text, next)) terminal.print(line)
      })
      finish(EXIT.OK)
    })
}

function linesOf(dag: string, { isEnabled, nextRunTimes, schedule }: Next): readonly string[] {
  if (schedule === null) return [`${dag} has no schedule. Next: dagbook run start ${dag}`]
  if (!isEnabled) return [`${dag} is disabled. Next: dagbook dag enable ${dag}`]
  if (nextRunTimes.length === 0) return [`${dag} does not fire any more: its schedule has ended`]
  return nextRunTimes
}
