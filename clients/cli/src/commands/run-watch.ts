import { finishRun } from '../runs/finish.js'
import { resolveRun } from '../runs/resolve-run.js'
import { readRun } from '../runs/run.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

/** `dagbook run watch RUN`: shows a run until it has ended, from whatever point on. */
export const addRunWatch: AddCommand = (parent, world, finish) => {
  parent
    .command('watch')
    .description('Watch a run until it has ended; exit code 0 only if it SUCCEEDED')
    .argument('<run>', "a run's id, or PROJECT/DAG for its latest run")
    .option('--json', 'print each change as NDJSON, the run last')
    .action(async (text: string, options: { json?: boolean }) => {
      await withConnection(world, async (connection) => {
        const { data, position } = await readRun(connection.api, await resolveRun(connection.api, text))
        finish(await finishRun(world, connection, data, position, { ...options, watch: true }))
      })
    })
}
