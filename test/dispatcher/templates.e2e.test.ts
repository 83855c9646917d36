import { Plans } from '../../src/commands/plans.js'
import type { Prepared } from '../../src/commands/prepared.js'
import { preparePublishDag } from '../../src/commands/publish-dag.js'
import { preparePublishTemplate } from '../../src/commands/publish-template.js'
import { prepareRunTask } from '../../src/commands/run-task.js'
import { prepareTriggerRun } from '../../src/commands/trigger-run.js'
import type { JsonObject } from '../../src/domain/json.js'
import type { Refused } from '../../src/domain/rejection.js'
import { newId } from '../../src/platform/ids.js'
import { getDags } from '../../src/projections/dag/get-dags.js'
import { done } from '../helpers/runs.js'
import type { Wiring } from '../helpers/wiring.js'
import { Scene } from './scene.js'

let scene: Scene
let server: Wiring
const projectId = newId('project')

beforeAll(async () => {
  scene = await Scene.open()
  server = await scene.server()
  server.dispatch()
  const create = { type: 'CreateProject', name: 'templates', description: '', owner: null } as const
  await done(server.bus, { aggregate: 'project', command: create }, projectId)
  const parametersSchema = {
    type: 'object',
    properties: { table: { type: 'string', minLength: 2 }, rows: { type: 'integer', default: 10 } },
    required: ['table'],
  }
  const run = `printf '{"env":"%s %s %s","input":%s}' "$DAGBOOK_PARAM_TABLE" "$DAGBOOK_PARAM_ROWS" "$DAGBOOK_PARAM_DAY" "$(cat "$DAGBOOK_INPUT")" > "$DAGBOOK_OUTPUT"`
  const template = {
    name: 'load',
    engine: 'shell',
    taskType: null,
    description: null,
    definition: { run },
    parametersSchema,
  }
  await doneAs(await preparePublishTemplate(scene.db.owner.pool, template))
})

afterAll(() => scene.close())

async function doneAs(prepared: Prepared | Refused | { problems: readonly unknown[] }): Promise<string> {
  if (!('streamId' in prepared)) throw new Error(JSON.stringify(prepared))
  await done(server.bus, prepared.command, prepared.streamId)
  return prepared.streamId
}

async function runOf(source: string, parameters: JsonObject): Promise<string> {
  const { pool } = scene.db.owner
  const dagId = await doneAs(await preparePublishDag(pool, { projectId, source, expectedVersion: null }))
  const [dag] = await getDags(pool, [dagId], null)
  if (dag === undefined) throw new Error(`${dagId} is missing`)
  const request = { version: null, parameters, logicalDate: null, tags: [], priority: 0 }
  return doneAs(await prepareTriggerRun(pool, new Plans(), dag, request))
}

const outputOf = async (runId: string, task: string) => {
  const sql = 'SELECT output, error_message AS error FROM instance WHERE run_id = $1 AND task_key = $2'
  return (await scene.db.owner.query<{ output: JsonObject | null; error: string | null }>(sql, [runId, task]))[0]
}

it('a template gets its inputs beside the run’s parameters, and its own go before those of the same name', async () => {
  const source = `name: a
tasks:
  first: { run: 'echo "{\\"rows\\": 3}" > "$DAGBOOK_OUTPUT"' }
  middle: { needs: [first], noop: {} }
  fixed: { template: load, with: { table: facts } }
  taken:
    needs: [middle]
    template: load@1
    with: { table: { $value: 'parameters.table + "_" + parameters.day' }, rows: { $value: outputs.first.rows } }
`
  const runId = await runOf(source, { table: 'mine', day: 'mon' })
  expect(await scene.ended(runId)).toBe('SUCCEEDED')
  expect((await outputOf(runId, 'fixed'))?.output).toMatchObject({
    env: 'facts 10 mon',
    input: { parameters: { table: 'facts', rows: 10, day: 'mon' } },
  })
  expect((await outputOf(runId, 'taken'))?.output).toMatchObject({
    env: 'mine_mon 3 mon',
    input: { parameters: { table: 'mine_mon', rows: 3, day: 'mon' } },
  })
})

it('an input that does not fit when its task starts ends it ERRORED, saying why', async () => {
  const source = `name: b
tasks:
  first: { run: 'echo "{\\"table\\": 5}" > "$DAGBOOK_OUTPUT"' }
  taken: { needs: [first], template: load, with: { table: { $value: outputs.first.table } } }
`
  const runId = await runOf(source, {})
  expect(await scene.ended(runId)).toBe('FAILED')
  expect((await outputOf(runId, 'taken'))?.error).toBe('with.table must be string')
})

it('a single task runs without a DAG, from a template and as it is written', async () => {
  const { pool } = scene.db.owner
  const request = { projectId, templateVersion: null, tags: [], priority: 0 }
  const load = { ...request, name: 'load', template: 'load', task: null, parameters: { table: 'facts', rows: 2 } }
  const one = await doneAs(await prepareRunTask(pool, load))
  const task = { run: 'echo "x=$DAGBOOK_PARAM_X" > "$DAGBOOK_OUTPUT"' }
  const two = await doneAs(
    await prepareRunTask(pool, { ...request, name: 'say it', template: null, task, parameters: { x: 'y' } }),
  )
  expect([await scene.ended(one), await scene.ended(two)]).toEqual(['SUCCEEDED', 'SUCCEEDED'])
  expect((await outputOf(one, 'load'))?.output).toMatchObject({ env: 'facts 2 ' })
  expect((await outputOf(two, 'main'))?.output).toEqual({ x: 'y' })
})
