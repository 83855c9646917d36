/**
 * DBOS, which keeps the result of every step.
 *   steps   20 concurrent workflows of sequential no-op steps, `size` steps in all
 *   chain   one workflow of `size` sequential steps: the time from one step's start to the next one's
 */
import { DBOS } from '@dbos-inc/dbos-sdk'
import { finish, gaps, latency, task } from '../lib/measure.mjs'

const WORKFLOWS = 20
const WARM_UP = 50

const { url, variant, size } = task()
DBOS.setConfig({ name: 'peer', systemDatabaseUrl: url, logLevel: 'error', systemDatabasePoolSize: 20 })
const starts = []
const step = async () => void starts.push(performance.now())
const workflow = DBOS.registerWorkflow(
  async (count) => {
    for (let index = 0; index < count; index += 1) await DBOS.runStep(step, { name: 'step' })
  },
  { name: 'steps' },
)
await DBOS.launch()
await (await DBOS.startWorkflow(workflow)(WARM_UP)).getResult()
starts.length = 0
if (variant === 'chain') {
  await (await DBOS.startWorkflow(workflow)(size)).getResult()
  finish(latency(gaps(starts)))
} else {
  const begin = performance.now()
  const count = size / WORKFLOWS
  const handles = await Promise.all(Array.from({ length: WORKFLOWS }, () => DBOS.startWorkflow(workflow)(count)))
  await Promise.all(handles.map((handle) => handle.getResult()))
  if (starts.length !== size) throw new Error(`Ran ${starts.length} of ${size} steps`)
  finish({ rate: size / ((performance.now() - begin) / 1_000) })
}
