import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { dag } from '../dispatcher/scene.js'
import { expectInOrder, openStage, type Stage, untilThere } from './stage.js'
import { untold } from './words.js'

/** Tasks of blocks, some made from a template, which keep values for each other while a task goes on. */
let s: Stage
let projectId: string
let dagId: string
let templateId: string

beforeAll(async () => {
  s = await openStage()
  projectId = await s.project('stock')
})
afterAll(() => s.close(), 60_000)

const publish = (source: string, fields = 'id') => s.done('publishDag', { projectId, source }, 'dag', fields)

test('a template has versions, and says what is done', async () => {
  const content = {
    ...{
      name: 'move-goods',
      description: 'Moves goods from one place to another',
      engine: 'shell',
      taskType: 'transport',
    },
    definition: { run: `printf '{"moved":"%s"}' "$DAGBOOK_PARAM_GOODS" > "$DAGBOOK_OUTPUT"` },
    parametersSchema: { type: 'object', properties: { goods: { type: 'string' }, to: { type: 'string' } } },
  }
  const first = await s.done('publishTemplate', { ...content, definition: { run: 'true' } }, 'template')
  const fields = 'id name description definition version taskType'
  const { id, version, ...told } = await s.done('publishTemplate', content, 'template', fields)
  templateId = id
  const { engine, parametersSchema, ...said } = content
  expect(told).toEqual(said)
  expect(version).toBe(2)
  expect(templateId).not.toBe(first.id)
})

const BLOCKS = {
  pick: { run: `${untilThere('go')}; echo '{"goods":"crates"}' > "$DAGBOOK_OUTPUT"` },
  move: { needs: ['pick'], template: 'move-goods@2', with: { goods: { $value: 'outputs.pick.goods' }, to: 'shelf' } },
}
const TASK = { name: 'refill', description: 'Fills the shelves', taskType: 'transport' }

test('a task is defined by its blocks, in versions, and can be taken out of use', async () => {
  const first = await publish(dag({ pick: BLOCKS.pick }, TASK), 'id latestVersion { number }')
  const fields = `id name description taskType isEnabled latestVersion { number definition }
    task(key: "move") { template { id name version } }`
  const second = await publish(dag(BLOCKS, TASK), fields)
  dagId = second.id
  expect(first).toEqual({ id: dagId, latestVersion: { number: 1 } })
  expect(second).toMatchObject({
    ...{ ...TASK, isEnabled: true, latestVersion: { number: 2, definition: { name: 'refill', tasks: BLOCKS } } },
    task: { template: { id: templateId, name: 'move-goods', version: 2 } },
  })
  const set = (isEnabled: boolean) => s.done('setDagEnabled', { dagId, isEnabled }, 'dag', 'isEnabled')
  expect([await set(false), await set(true)]).toEqual([{ isEnabled: false }, { isEnabled: true }])
})

test('a record of a task keeps values while it goes on, and what came out of it and of each block', async () => {
  const runId = await s.trigger(dagId)
  const entry = { runId, key: 'shelf/12', value: { free: 3 }, expiresInSeconds: 600 }
  await s.done('setCacheEntry', entry, 'cacheEntry', 'key')
  const kept = (await s.when('run', runId, 'cache { id key value type createdAt expiresAt }')).cache
  expect(kept).toMatchObject([{ id: expect.any(String), key: 'shelf/12', value: { free: 3 }, type: 'JSON' }])
  expect(Date.parse(kept[0].expiresAt) - Date.parse(kept[0].createdAt)).toBe(600_000)
  await writeFile(path.join(s.scene.dir, 'go'), '')
  const fields = `id status output startedAt endedAt dagVersion { number dag { id } }
    instances { nodes { id run { id } taskKey engine status input output startedAt endedAt } }`
  const { instances, ...run } = await s.when('run', runId, fields, ({ endedAt }) => endedAt !== null)
  const dagVersion = { number: 2, dag: { id: dagId } }
  expect(run).toMatchObject({ id: runId, status: 'SUCCEEDED', output: { move: { moved: 'crates' } }, dagVersion })
  const [pick, move] = instances.nodes
  const block = { id: expect.stringMatching(/^instance_/), run: { id: runId }, engine: 'shell', status: 'SUCCEEDED' }
  expect(pick).toMatchObject({ ...block, taskKey: 'pick', output: { goods: 'crates' } })
  expect(move).toMatchObject({
    ...{ ...block, taskKey: 'move', output: { moved: 'crates' } },
    input: { parameters: { to: 'shelf' }, outputs: { pick: { goods: 'crates' } } },
  })
  expectInOrder(run.startedAt, pick.startedAt, pick.endedAt, move.startedAt, move.endedAt, run.endedAt)
})

test('a record of a task that failed says why', async () => {
  const { id } = await publish(dag({ pick: { run: 'exit 7' } }, { name: 'broken' }))
  const run = await s.when('run', await s.trigger(id), 'status errorMessage', ({ status }) => status === 'FAILED')
  expect(run.errorMessage).toContain('pick')
})

test('every word of the design is told', () => {
  expect(untold('task-module', s.answers)).toEqual([])
})
