import { readScripts } from '../batches/read-scripts.js'
import { writeReport } from '../batches/write-report.js'
import { resolveRun } from '../runs/resolve-run.js'
import { readRun } from '../runs/run.js'
import { withConnection } from '../world.js'
import type { AddCommand } from './command.js'

/** `dagbook batch report RUN`: what became of a batch, or of any run, for programs that read JUnit. */
export const addBatchReport: AddCommand = (parent, world) => {
  const { terminal } = world
  parent
    .command('report')
    .description('Write a run as a JUnit XML report')
    .argument('<run>', "a run's id, or PROJECT/DAG for its latest run")
    .requiredOption('--junit <file>', 'where to; - for stdout')
    .option('--json', 'print { run, scripts: [...] } besides')
    .action(async (text: string, options: { junit: string; json?: boolean }) => {
      await withConnection(world, async ({ api }) => {
        const { data: run } = await readRun(api, await resolveRun(api, text))
        const scripts = await readScripts(api, run.id)
        await writeReport(api, terminal, run, scripts, options.junit)
        if (options.json) terminal.json({ run, scripts })
      })
    })
}
