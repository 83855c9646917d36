import { rebuild } from '../../src/operations/rebuild.js'
import { findInstances } from '../../src/projections/run/find-instance.js'
import { readRunAsOf } from '../../src/projections/run/run-as-of.js'
import { requestRun } from '../helpers/runs.js'
import type { Wiring } from '../helpers/wiring.js'
import { dag, Scene } from './scene.js'

let scene: Scene
let server: Wiring

beforeAll(async () => {
  scene = await Scene.open()
  server = await scene.server()
  server.dispatch()
})

afterAll(() => scene.close())

const outputOf = async (run: string, task: string) =>
  (await scene.db.owner.query('SELECT output FROM instance WHERE run_id = $1 AND task_key = $2', [run, task]))[0]
    ?.output

it('each element of a list that a task put out is given to an attempt of its own', async () => {
  const run = await requestRun(
    server.bus,
    dag({
      list: { run: `echo '{"files": ["a b", {"n": 1}, null]}' > "$DAGBOOK_OUTPUT"` },
      load: {
        needs: ['list'],
        forEach: 'list.files',
        run: `printf '{"item": "%s", "index": %s, "input": %s}' "$(printf %s "$DAGBOOK_ITEM" | tr -d '"')" "$DAGBOOK_INDEX" \\
          "$(node -p 'JSON.stringify(JSON.parse(require("fs").readFileSync(process.env.DAGBOOK_INPUT)).item)')" > "$DAGBOOK_OUTPUT"`,
      },
      after: { needs: ['load'], run: 'cp "$DAGBOOK_INPUT" "$DAGBOOK_OUTPUT"' },
    }),
  )
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  const loaded = [
    { item: 'a b', index: 0, input: 'a b' },
    { item: '{n:1}', index: 1, input: { n: 1 } },
    { item: 'null', index: 2, input: null },
  ]
  expect(await outputOf(run, 'load')).toEqual(loaded)
  expect((await outputOf(run, 'after')).outputs).toEqual({ load: loaded })
  const found = await findInstances(server.reads.pool, [
    { runId: run, taskKey: 'load[1]' },
    { runId: run, taskKey: 'load' },
    { runId: run, taskKey: 'load[3]' },
  ])
  expect(found.map(({ taskKey, status }) => `${taskKey} ${status}`).sort()).toEqual([
    'load SUCCEEDED',
    'load[1] SUCCEEDED',
  ])
})

it('of 10,000 elements every one is done, and the tables are what a replay makes of the journal', async () => {
  const items = Array.from({ length: 10_000 }, (_, index) => index)
  const run = await requestRun(
    server.bus,
    dag({ all: { forEach: items, noop: {} }, after: { needs: ['all'], noop: {} } }),
  )
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  const [counted] = await scene.db.owner.query(
    `SELECT count(*) AS count, count(DISTINCT item::text) AS items, min(status) AS least, max(status) AS most
     FROM instance WHERE run_id = $1 AND task_key LIKE 'all[%'`,
    [run],
  )
  expect(counted).toEqual({ count: 10_000, items: 10_000, least: 'SUCCEEDED', most: 'SUCCEEDED' })
  const state = await readRunAsOf(server.reads.pool, run, { version: null, time: null })
  expect(state?.instances.map(({ status }) => status)).toEqual(Array(10_002).fill('SUCCEEDED'))
  expect(state?.instances.at(-1)?.taskKey).toBe('all[9999]')
  expect(await outputOf(run, 'all')).toEqual(Array(10_000).fill(null))
  const { tables } = await rebuild({ ownerUrl: scene.db.ownerUrl, isCheck: true })
  expect(tables.filter(({ onlyLive, onlyRebuilt }) => onlyLive + onlyRebuilt > 0)).toEqual([])
})
