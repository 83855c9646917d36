import { ensureCapacity } from '../../../src/commands/ensure-capacity.js'
import { Scheduler } from '../../../src/scheduler/scheduler.js'
import { type Answer, openTestApi, type TestApi } from '../../helpers/api.js'

const SOURCE = `
name: nightly
schedule:
  cron: ["30 2 * * *", "0 12 * * *"]
  timezone: Europe/Berlin
  overlapPolicy: BUFFER_ALL
  catchupWindow: 2h
  jitter: 30s
parameters: { type: object, properties: { table: { type: string, default: facts } }, required: [table] }
tasks: { t: { noop: {} }, u: { noop: {}, needs: [t] } }
`

let t: TestApi
let now = Date.UTC(2026, 9, 24, 12)
let token: string
let projectId: string
let dagId: string

const ask = (query: string, variables: object = {}, as = token): Promise<Answer> =>
  t.ask(query, { token: as, variables })

async function publish(source: string): Promise<string> {
  const query = 'mutation ($i: PublishDagInput!) { publishDag(input: $i) { dag { id } problems { message } } }'
  const { data } = await ask(query, { i: { projectId, source } })
  expect(data.publishDag.problems).toEqual([])
  return data.publishDag.dag.id
}

beforeAll(async () => {
  t = await openTestApi({ clock: { now: () => new Date(now) } })
  await ensureCapacity(t.services.database, t.services.bus, 'host of the tests')
  token = await t.tokenOf('admin')
  const query = 'mutation { createProject(input: { name: "p" }) { project { id } } }'
  projectId = (await ask(query)).data.createProject.project.id
  dagId = await publish(SOURCE)
})

afterAll(() => t.close())

it('shows what the schedule says, with every default, and when it fires next', async () => {
  const { data } = await ask(
    `query ($id: ID!) { node(id: $id) { ... on Dag { isEnabled nextRunAt nextRunTimes(count: 4) schedule {
      crons intervalSeconds timezone startsAt endsAt overlapPolicy catchup catchupWindowSeconds jitterSeconds
      onSkippedTime onRepeatedTime counters { fired missed skipped dropped } } } } }`,
    { id: dagId },
  )
  expect(data.node.nextRunAt).toBe('2026-10-25T01:30:00.000Z')
  // On the 25th 02:30 comes twice in Berlin; the last is meant.
  expect(data.node.nextRunTimes).toEqual([
    '2026-10-25T01:30:00.000Z',
    '2026-10-25T11:00:00.000Z',
    '2026-10-26T01:30:00.000Z',
    '2026-10-26T11:00:00.000Z',
  ])
  expect(data.node.schedule).toEqual({
    crons: ['30 2 * * *', '0 12 * * *'],
    intervalSeconds: null,
    timezone: 'Europe/Berlin',
    startsAt: null,
    endsAt: null,
    overlapPolicy: 'BUFFER_ALL',
    catchup: 'LAST',
    catchupWindowSeconds: 7200,
    jitterSeconds: 30,
    onSkippedTime: 'SHIFT_FORWARD',
    onRepeatedTime: 'LAST',
    counters: { fired: 0, missed: 0, skipped: 0, dropped: 0 },
  })
})

it('a disabled DAG has no next time; a count out of bounds is refused', async () => {
  const set =
    'mutation ($i: SetDagEnabledInput!) { setDagEnabled(input: $i) { dag { nextRunAt nextRunTimes schedule { timezone } } } }'
  const off = await ask(set, { i: { dagId, isEnabled: false } })
  expect(off.data.setDagEnabled.dag).toEqual({
    nextRunAt: null,
    nextRunTimes: [],
    schedule: { timezone: 'Europe/Berlin' },
  })
  await ask(set, { i: { dagId, isEnabled: true } })
  const query = 'query ($id: ID!, $n: Int) { node(id: $id) { ... on Dag { nextRunTimes(count: $n) } } }'
  expect((await ask(query, { id: dagId, n: 101 })).errors[0]?.message).toContain('from 1 to 100, given 101')
  expect((await ask(query, { id: dagId, n: 0 })).errors).toHaveLength(1)
})

it('twenty hostile expressions are answered within 50 ms, or with TIMEOUT', async () => {
  const crons = Array.from({ length: 20 }, (_, n) => `"${n} 0 * 2 1#5"`)
  const check = 'query ($s: String!) { checkDag(source: $s) { isValid } }'
  const source = `name: hostile\nschedule: { cron: [${crons}], timezone: Africa/Casablanca }\ntasks: { t: { noop: {} } }`
  expect((await ask(check, { s: source })).data.checkDag).toEqual({ isValid: true })
  const id = await publish(source)
  const query = 'query ($id: ID!) { node(id: $id) { ... on Dag { nextRunTimes(count: 100) } } }'
  const spent: number[] = []
  for (let times = 0; times < 5; times += 1) {
    // Of this process: what else a busy host does is not measured.
    const before = process.cpuUsage()
    const { data, errors } = await ask(query, { id })
    const { user, system } = process.cpuUsage(before)
    spent.push((user + system) / 1_000)
    if (errors.length === 0) expect(data.node.nextRunTimes).toHaveLength(40)
    else expect(errors[0]).toMatchObject({ path: ['node', 'nextRunTimes'], extensions: { code: 'TIMEOUT' } })
  }
  const [, , median] = spent.sort((a, b) => a - b)
  expect(median).toBeLessThan(50)
})

const BACKFILL = `mutation ($i: BackfillDagInput!) { backfillDag(input: $i) { logicalDates position userErrors { code message path }
  backfill { id from to status dag { id } createdBy { username } runs(first: 10) { totalCount nodes { id status trigger logicalDate parameters backfill { id } } } } } }`
const range = { from: '2026-09-01T00:00:00Z', to: '2026-09-02T10:00:00Z' }

async function schedulerOnce(): Promise<void> {
  const { database, bus, plans, clock, logger } = t.services
  const scheduler = new Scheduler({ database, bus, tail: t.services.tail, plans, clock, logger })
  for (let times = 0; times < 3; times += 1) await scheduler.runOnce()
}

it('a backfill runs the times of its range in their order, so many at a time, and can be canceled', async () => {
  const dry = (await ask(BACKFILL, { i: { dagId, ...range, isDryRun: true } })).data.backfillDag
  const dates = [
    '2026-09-01T00:30:00.000Z',
    '2026-09-01T10:00:00.000Z',
    '2026-09-02T00:30:00.000Z',
    '2026-09-02T10:00:00.000Z',
  ]
  expect(dry).toEqual({ logicalDates: dates, position: null, userErrors: [], backfill: null })
  const i = { dagId, ...range, maxActiveRuns: 2, idempotencyKey: 'september' }
  const made = (await ask(BACKFILL, { i })).data.backfillDag
  expect(made.logicalDates).toEqual(dates)
  const { id } = made.backfill
  expect(made.backfill).toMatchObject({ status: 'QUEUED', dag: { id: dagId }, createdBy: { username: 'admin' } })
  expect(made.backfill.runs.nodes[0]).toMatchObject({
    status: 'QUEUED',
    trigger: 'BACKFILL',
    parameters: { table: 'facts' },
    backfill: { id },
  })
  const again = (await ask(BACKFILL, { i })).data.backfillDag
  expect([again.backfill.id, again.logicalDates, again.position]).toEqual([id, dates, made.position])
  await schedulerOnce()
  const look = `query ($id: ID!) { node(id: $id) { ... on Backfill { status runs { nodes { status logicalDate } } } }
    runs(filter: { backfillId: $id }) { totalCount } }`
  const begun = (await ask(look, { id })).data
  expect(begun.runs.totalCount).toBe(4)
  expect(begun.node).toEqual({
    status: 'RUNNING',
    runs: { nodes: dates.map((logicalDate, at) => ({ logicalDate, status: at < 2 ? 'RUNNING' : 'QUEUED' })) },
  })
  // Those times have runs now.
  expect((await ask(BACKFILL, { i: { dagId, ...range } })).data.backfillDag).toMatchObject({
    logicalDates: [],
    backfill: null,
  })
  const cancel =
    'mutation ($i: CancelBackfillInput!) { cancelBackfill(input: $i) { backfill { status } userErrors { code } } }'
  expect((await ask(cancel, { i: { backfillId: id, reason: 'enough' } })).data.cancelBackfill).toEqual({
    backfill: { status: 'CANCELING' },
    userErrors: [],
  })
  await schedulerOnce()
  const ended = (await ask(look, { id })).data.node
  expect(ended.status).toBe('CANCELED')
  expect(ended.runs.nodes.map(({ status }: { status: string }) => status)).toEqual([
    'CANCELED',
    'CANCELED',
    'CANCELED',
    'CANCELED',
  ])
  const reprocess = async (kind: string) =>
    (await ask(BACKFILL, { i: { dagId, ...range, isDryRun: true, reprocess: kind } })).data.backfillDag.logicalDates
      .length
  expect([await reprocess('NONE'), await reprocess('FAILED'), await reprocess('COMPLETED')]).toEqual([0, 4, 4])
})

it('what a backfill cannot be is said all at once, with its path', async () => {
  const errors = async (i: object) => (await ask(BACKFILL, { i })).data.backfillDag.userErrors
  const wrong = { dagId, from: range.to, to: range.from, maxActiveRuns: 0 }
  expect((await errors(wrong)).map(({ code, path }: { code: string; path: string[] }) => [code, path])).toEqual([
    ['INVALID', ['to']],
    ['INVALID', ['maxActiveRuns']],
  ])
  const [large] = await errors({ dagId, from: '2020-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' })
  expect(large).toMatchObject({ code: 'TOO_LARGE', path: ['to'] })
  expect(large.message).toMatch(/at most 1000 logical dates; the range has more: end it at 2021-/)
  const bare = await publish('name: bare\nnoop: {}\n')
  expect((await errors({ dagId: bare, ...range }))[0]).toMatchObject({
    code: 'NOT_ALLOWED_IN_STATE',
    path: ['dagId'],
  })
})

it('two who ask for the same times at once get one run of each', async () => {
  const i = { dagId, from: '2026-07-01T00:00:00Z', to: '2026-07-03T00:00:00Z' }
  const answers = await Promise.all([1, 2, 3].map(async () => (await ask(BACKFILL, { i })).data.backfillDag))
  const made = answers.filter(({ backfill }) => backfill !== null)
  expect(made).toHaveLength(1)
  for (const { userErrors, logicalDates } of answers.filter(({ backfill }) => backfill === null)) {
    if (userErrors.length > 0) expect(userErrors).toMatchObject([{ code: 'CONFLICT', path: ['from'] }])
    else expect(logicalDates).toEqual([])
  }
  const [row] = await t.db.owner.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM run WHERE dag_id = $1 AND logical_date BETWEEN $2 AND $3`,
    [dagId, i.from, i.to],
  )
  expect(row?.count).toBe(4)
})

it('of a deleted DAG nothing begins: what waits is canceled, no time is next, no backfill starts', async () => {
  const doomed = await publish(SOURCE.replace('nightly', 'doomed'))
  const waiting = (await ask(BACKFILL, { i: { dagId: doomed, ...range, maxActiveRuns: 1 } })).data.backfillDag
  await schedulerOnce()
  await ask('mutation ($i: DeleteDagInput!) { deleteDag(input: $i) { dag { id } } }', { i: { dagId: doomed } })
  await schedulerOnce()
  const look = 'query ($id: ID!) { node(id: $id) { ... on Backfill { runs { nodes { status } } } } }'
  const { nodes } = (await ask(look, { id: waiting.backfill.id })).data.node.runs
  expect(nodes.map(({ status }: { status: string }) => status)).toEqual(['RUNNING', 'CANCELED', 'CANCELED', 'CANCELED'])
  const { data } = await ask('query ($id: ID!) { node(id: $id) { ... on Dag { nextRunAt nextRunTimes } } }', {
    id: doomed,
  })
  expect(data.node).toEqual({ nextRunAt: null, nextRunTimes: [] })
  expect((await ask(BACKFILL, { i: { dagId: doomed, ...range } })).data.backfillDag).toMatchObject({
    backfill: null,
    userErrors: [{ code: 'NOT_ALLOWED_IN_STATE', path: ['dagId'] }],
  })
})

it('an operator starts backfills and does not enable; a viewer does neither', async () => {
  const member = async (name: string, role: string) => {
    const { id, token: own } = await t.makeUser(name)
    const grant = { type: 'GrantProjectRole', userId: id, role } as never
    await t.services.bus.execute({
      aggregate: 'project',
      command: grant,
      id: `command_${name}` as never,
      streamId: projectId,
      actor: 'system',
      correlationId: null,
      causationId: null,
      once: null,
    })
    return own
  }
  const set = 'mutation ($i: SetDagEnabledInput!) { setDagEnabled(input: $i) { dag { id } } }'
  const codes = async (as: string) => [
    (await ask(BACKFILL, { i: { dagId, ...range, isDryRun: true } }, as)).errors[0]?.extensions.code,
    (await ask(set, { i: { dagId, isEnabled: true } }, as)).errors[0]?.extensions.code,
  ]
  expect(await codes(await member('viv', 'VIEWER'))).toEqual(['FORBIDDEN', 'FORBIDDEN'])
  expect(await codes(await member('olga', 'OPERATOR'))).toEqual([undefined, 'FORBIDDEN'])
  expect(await codes(await member('ed', 'EDITOR'))).toEqual([undefined, undefined])
})

it('a run of the schedule carries its time', async () => {
  now = Date.parse('2026-10-25T01:30:40Z')
  await schedulerOnce()
  // The session is a day old by now.
  token = await t.tokenOf('admin')
  const { data } = await ask(
    `query ($id: ID!) { runs(filter: { dagId: $id, triggers: [SCHEDULE] }) { nodes { logicalDate status backfill { id } } }
    node(id: $id) { ... on Dag { nextRunAt schedule { counters { fired } } } } }`,
    { id: dagId },
  )
  expect(data.runs.nodes).toEqual([{ logicalDate: '2026-10-25T01:30:00.000Z', status: 'RUNNING', backfill: null }])
  expect(data.node).toEqual({ nextRunAt: '2026-10-25T11:00:00.000Z', schedule: { counters: { fired: 1 } } })
})
