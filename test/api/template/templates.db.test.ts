import { checkEventSchemas } from '../../golden/check-event-schemas.js'
import { type Flow, openFlow } from '../../helpers/flow.js'
import { checkJournal } from '../../history/check-journal.js'
import { checkReplay } from '../../projections/check-replay.js'

let f: Flow
beforeAll(async () => {
  f = await openFlow()
})
afterAll(() => f.close(), 60_000)

const SCHEMA = {
  type: 'object',
  properties: { table: { type: 'string', minLength: 2 }, rows: { type: 'integer', default: 10 } },
  required: ['table'],
  additionalProperties: false,
}
const TEMPLATE = 'template { id name version engine definition parametersSchema versions { version } }'

const template = (name: string, change: object = {}, token?: string) => {
  const input = { name, engine: 'shell', definition: { run: 'load' }, parametersSchema: SCHEMA, ...change }
  return f.change('publishTemplate', 'PublishTemplateInput', input, TEMPLATE, token)
}
const publish = (projectId: string, source: string) =>
  f.change(
    'publishDag',
    'PublishDagInput',
    { projectId, source },
    'dag { id } dagVersion { number definition } problems { message code path line column }',
  )
const RERUN = 'run { kind name trigger parameters tags parentRun { id } }'
const runTask = (input: object, token?: string) =>
  f.change('runTask', 'RunTaskInput', input, 'run { id kind name status parameters tags dag { id } }', token)

test('changed content is a new version, unchanged content is none, and no version ever changes', async () => {
  const first = await template('numbered')
  expect(first).toMatchObject({ template: { name: 'numbered', version: 1, engine: 'shell' }, userErrors: [] })
  expect(await template('numbered')).toEqual({ ...first, position: null })
  const second = await template('numbered', { definition: { run: 'load', timeout: '1m' } })
  expect(second).toMatchObject({ template: { version: 2, versions: [{ version: 2 }, { version: 1 }] } })
  const query = `{ latest: template(name: "numbered") { version } old: template(name: "numbered", version: 1) { id definition }
    none: template(name: "numbered", version: 3) { id } node(id: "${first.template.id}") { ... on Template { version } } }`
  expect(await f.get(query)).toEqual({
    latest: { version: 2 },
    old: { id: first.template.id, definition: { run: 'load' } },
    none: null,
    node: { version: 1 },
  })
  const { templates } = await f.get('{ templates(first: 100) { totalCount nodes { name version } } }')
  expect(templates.nodes).toContainEqual({ name: 'numbered', version: 2 })
  expect(templates.nodes).not.toContainEqual({ name: 'numbered', version: 1 })
})

test('versions of versions of versions cost more than an operation may', async () => {
  const nested = '{ templates { nodes { versions { versions { versions { version } } } } } }'
  await expect(f.get(nested)).rejects.toThrow('COST_LIMIT_EXCEEDED')
  await expect(f.get('{ templates { nodes { versions { version } } } }')).resolves.toBeDefined()
})

test('several who publish at once make as many versions', async () => {
  const all = await Promise.all([1, 2, 3, 4, 5].map((at) => template('raced', { definition: { run: `load ${at}` } })))
  expect(all.map((payload) => payload.template?.version).sort()).toEqual([1, 2, 3, 4, 5])
})

test('everything that is wrong with a template is said at once', async () => {
  const definition = { run: 'x', needs: ['a'], timeout: 'soon', template: 'other' }
  const { userErrors } = await template('a b', { engine: 'cobol', definition, parametersSchema: { type: 'array' } })
  expect(userErrors.map(({ path }: { path: string[] }) => path.join('.'))).toEqual([
    'name',
    'engine',
    'parametersSchema.type',
    'definition.needs',
    'definition.template',
    'definition.timeout',
  ])
  expect(await template('other-engine', { engine: 'http' })).toMatchObject({
    template: null,
    userErrors: [{ code: 'REQUIRED', path: ['definition', 'http'] }],
  })
  expect(await template('queued', { definition: { run: 'x', queue: 'nowhere' } })).toMatchObject({
    userErrors: [{ code: 'UNKNOWN_REFERENCE', path: ['definition', 'queue'] }],
  })
})

test('publishing needs the permission; reading only needs to be signed in', async () => {
  const reader = await f.makeUser('reader')
  await expect(template('forbidden', {}, reader.token)).rejects.toThrow('FORBIDDEN')
  const writer = await f.makeUser('writer', { permissions: ['templates'] })
  expect(await template('allowed', {}, writer.token)).toMatchObject({ template: { version: 1 } })
  const query = '{ template(name: "allowed") { version createdBy { username } } }'
  expect((await f.get(query)).template).toEqual({ version: 1, createdBy: { username: 'writer' } })
  expect((await f.get('{ template(name: "allowed") { version } }', {}, reader.token)).template).toEqual({ version: 1 })
})

test('a version of a DAG keeps the version of its templates, and the inputs with their defaults', async () => {
  const projectId = await f.project('pinned')
  const { template: one } = await template('pin', { definition: { run: 'one', queue: 'default', timeout: '1m' } })
  const source = 'name: a\ntasks:\n  x: { template: pin, with: { table: facts } }\n'
  const first = await publish(projectId, source)
  expect(first).toMatchObject({ problems: [], userErrors: [], dagVersion: { number: 1 } })
  expect(first.dagVersion.definition).toEqual({
    name: 'a',
    tasks: { x: { template: 'pin@1', with: { table: 'facts', rows: 10 } } },
    templates: { 'pin@1': { id: one.id, definition: { run: 'one', queue: 'default', timeout: '1m' } } },
  })
  await template('pin', { definition: { run: 'two' } })
  const query = `{ dag(project: "pinned", name: "a") { task(key: "x") {
    engine command timeoutSeconds parameters template { name version } } } }`
  expect((await f.get(query)).dag.task).toEqual({
    engine: 'shell',
    command: 'one',
    timeoutSeconds: 60,
    parameters: { table: 'facts', rows: 10 },
    template: { name: 'pin', version: 1 },
  })
  const second = await publish(projectId, `${source}# again\n`)
  expect(second.dagVersion.definition.tasks.x.template).toBe('pin@2')
  expect((await publish(projectId, source.replace('pin,', 'pin@1,'))).dagVersion.definition.tasks.x.template).toBe(
    'pin@1',
  )
})

test('every template that does not exist and every input that does not fit is a problem with its place', async () => {
  const projectId = await f.project('unfit')
  await template('strict')
  await template('asking', { engine: 'http', definition: { http: { url: 'https://example.org' } } })
  const source = `name: a
tasks:
  x:
    template: strict@1
    with:
      table: f
      rows: many
      more: 1
  y: { template: strict@9 }
  z: { template: nowhere, queue: never }
  w:
    template: asking
    env: { A: b }
    with: { table: facts }
`
  const problems = [
    { path: ['tasks', 'x', 'with', 'table'], line: 6, column: 14, code: 'SCHEMA_VIOLATION' },
    { path: ['tasks', 'x', 'with', 'rows'], line: 7, column: 13, code: 'SCHEMA_VIOLATION' },
    { path: ['tasks', 'x', 'with', 'more'], line: 8, column: 13, code: 'SCHEMA_VIOLATION' },
    { path: ['tasks', 'y', 'template'], line: 9, column: 18, code: 'UNKNOWN_REFERENCE' },
    { path: ['tasks', 'z', 'template'], line: 10, column: 18, code: 'UNKNOWN_REFERENCE' },
    { path: ['tasks', 'z', 'queue'], line: 10, column: 34, code: 'UNKNOWN_REFERENCE' },
    { path: ['tasks', 'w', 'env'], line: 13, column: 10, code: 'INVALID' },
  ]
  expect(await publish(projectId, source)).toMatchObject({ dag: null, problems })
  const short = await publish(projectId, 'name: b\ntemplate: strict\nwith: { table: facts, rows: x }\n')
  expect(short).toMatchObject({ dag: null, problems: [{ path: ['with', 'rows'], line: 3, column: 29 }] })
})

test("values of a run's parameters are checked when it is asked for", async () => {
  const projectId = await f.project('valued')
  await template('valued')
  const source = 'name: a\ntasks:\n  x: { template: valued, with: { table: { $value: parameters.table } } }\n'
  const { dag, problems } = await publish(projectId, source)
  expect(problems).toEqual([])
  const trigger = (parameters: object) =>
    f.change('triggerRun', 'TriggerRunInput', { dagId: dag.id, parameters }, 'run { id }')
  expect(await trigger({ table: 'f' })).toMatchObject({
    run: null,
    userErrors: [
      {
        code: 'SCHEMA_VIOLATION',
        path: ['parameters'],
        message: 'tasks.x.with.table must NOT have fewer than 2 characters',
      },
    ],
  })
  expect(await trigger({ table: 'facts' })).toMatchObject({ run: { id: expect.any(String) }, userErrors: [] })
})

test('a task runs alone, from a template or as it is written', async () => {
  const projectId = await f.project('alone')
  await template('alone')
  const fromTemplate = await runTask({
    projectId,
    name: 'load facts',
    template: 'alone',
    parameters: { table: 'facts' },
  })
  expect(fromTemplate).toMatchObject({
    run: { kind: 'TASK', name: 'load facts', status: 'RUNNING', parameters: { table: 'facts', rows: 10 }, dag: null },
    userErrors: [],
  })
  const inline = await runTask({
    projectId,
    name: 'hello',
    task: { run: 'echo', tags: ['a'] },
    tags: ['b'],
    priority: 5,
  })
  expect(inline).toMatchObject({ run: { kind: 'TASK', tags: ['b'] }, userErrors: [] })
  const query = `query ($id: ID!) { run(id: $id) { priority dagVersion { id } counts { total }
    instances { nodes { taskKey name engine tags priority task { id } upstream { totalCount } } } } }`
  expect((await f.get(query, { id: inline.run.id })).run).toEqual({
    priority: 5,
    dagVersion: null,
    counts: { total: 1 },
    instances: {
      nodes: [
        {
          taskKey: 'hello',
          name: 'hello',
          engine: 'shell',
          tags: ['b', 'a'],
          priority: 5,
          task: null,
          upstream: { totalCount: 0 },
        },
      ],
    },
  })
  const { nodes } = (await f.get(`{ runs(filter: { kind: TASK, projectId: "${projectId}" }) { nodes { name } } }`)).runs
  expect(nodes).toEqual([{ name: 'hello' }, { name: 'load facts' }])
  expect((await f.get(`{ tasks(projectId: "${projectId}") { totalCount } }`)).tasks.totalCount).toBe(0)
})

test('what is wrong with a single task is said at once', async () => {
  const projectId = await f.project('wrong')
  await template('picky')
  const paths = async (input: object) =>
    (await runTask({ projectId, name: 'x', ...input })).userErrors.map(
      ({ code, path }: { code: string; path: string[] }) => `${code} ${path.join('.')}`,
    )
  expect(await paths({})).toEqual(['REQUIRED template'])
  expect(await paths({ template: 'picky', task: { run: 'x' } })).toEqual(['INVALID task'])
  expect(await paths({ template: 'nowhere' })).toEqual(['NOT_FOUND template'])
  expect(await paths({ template: 'picky', templateVersion: 7 })).toEqual(['NOT_FOUND templateVersion'])
  expect(await paths({ name: '', template: 'picky', parameters: { rows: 'x' }, priority: 101 })).toEqual([
    'INVALID name',
    'REQUIRED parameters.table',
    'SCHEMA_VIOLATION parameters.rows',
    'INVALID priority',
  ])
  expect(await paths({ task: { run: 'x', needs: ['y'], timeout: 'soon' } })).toEqual([
    'INVALID task.needs',
    'INVALID task.timeout',
  ])
  expect(await paths({ task: { run: 'x', queue: 'nowhere' } })).toEqual(['UNKNOWN_REFERENCE task.queue'])
  expect(await paths({ task: { template: 'picky@1', with: { rows: 1 } } })).toEqual(['REQUIRED task.with.table'])
})

test('a template takes an OPERATOR, a task as it is written an EDITOR; a repeat with the same key runs nothing again', async () => {
  const projectId = await f.project('operators')
  const user = await f.makeUser('operator')
  const grant = (role: string) =>
    f.change('grantProjectRole', 'GrantProjectRoleInput', { projectId, userId: user.id, role }, 'project { id }')
  const input = { projectId, name: 'x', task: { noop: {} }, idempotencyKey: 'k' }
  expect(await runTask(input, user.token)).toMatchObject({ userErrors: [{ code: 'NOT_FOUND', path: ['projectId'] }] })
  await grant('VIEWER')
  await expect(runTask(input, user.token)).rejects.toThrow('FORBIDDEN')
  await grant('OPERATOR')
  await template('operated', { parametersSchema: {} })
  expect(await runTask({ projectId, name: 'x', template: 'operated' }, user.token)).toMatchObject({ userErrors: [] })
  await expect(runTask(input, user.token)).rejects.toThrow('FORBIDDEN')
  await grant('EDITOR')
  const first = await runTask(input, user.token)
  expect((await runTask(input, user.token)).run.id).toBe(first.run.id)
})

test('a single task is run again as it was, and has no other version', async () => {
  const projectId = await f.project('again')
  const first = await runTask({ projectId, name: 'x', task: { run: 'echo' }, parameters: { a: 1 }, tags: ['t'] })
  const runId = first.run.id
  const rerun = (more: object) => f.change('rerun', 'RerunInput', { runId, scope: 'ALL', ...more }, RERUN)
  expect(await rerun({})).toMatchObject({ userErrors: [{ code: 'NOT_ALLOWED_IN_STATE', path: ['runId'] }] })
  await f.change('cancelRun', 'CancelRunInput', { runId }, 'run { id }')
  expect(await rerun({ version: 1 })).toMatchObject({ userErrors: [{ code: 'NOT_FOUND', path: ['version'] }] })
  expect(await rerun({})).toMatchObject({
    run: { kind: 'TASK', name: 'x', trigger: 'RERUN', parameters: { a: 1 }, tags: ['t'], parentRun: { id: runId } },
    userErrors: [],
  })
})

test('a replay gives the same rows, and the events are as their schemas say', async () => {
  const { events } = await checkJournal(f.db.database)
  checkEventSchemas(events)
  await checkReplay(f.db, events, 7)
})
