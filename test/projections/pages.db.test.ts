import { drive } from '../helpers/drive.js'
import { type Flow, openFlow } from '../helpers/flow.js'

let f: Flow
let projects: string[]
let dags: string[]

/** Statements that the API's pool sends. */
let statements = 0

beforeAll(async () => {
  f = await openFlow()
  projects = [await f.project('one'), await f.project('two'), await f.project('three')]
  const source = (name: string) =>
    `name: ${name}\ntasks:\n  a: { noop: {} }\n  b: { noop: {}, needs: [a] }\n  c: { noop: {} }\n`
  dags = []
  for (const projectId of projects) for (const name of ['x', 'y']) dags.push(await f.publish(projectId, source(name)))
  for (let at = 0; at < 36; at += 1) {
    await f.trigger(dags[at % dags.length] as string, { tags: [`t${at % 3}`] })
    if (at < 27) await drive(f.services.bus)
  }
  const { pool } = f.services.database
  const query = pool.query.bind(pool) as (...given: unknown[]) => unknown
  pool.query = ((...given: unknown[]) => {
    // The tail looks for the journal's head whenever it likes.
    if (!JSON.stringify(given[0]).includes('read-head')) statements += 1
    return query(...given)
  }) as typeof pool.query
})
afterAll(() => f.close(), 60_000)

type Node = Record<string, unknown>
interface Page {
  readonly nodes: Node[]
  readonly pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string }
  readonly totalCount: number
}
const PAGE = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount'

/** All nodes, page by page, from the front or from the back. */
async function walk(field: string, args: string, size: number, isBackward = false, token?: string): Promise<Node[]> {
  const all: Node[] = []
  for (let cursor: string | null = null; ; ) {
    const where = isBackward
      ? `last: ${size} ${cursor ? `before: "${cursor}"` : ''}`
      : `first: ${size} ${cursor ? `after: "${cursor}"` : ''}`
    const data: Record<string, Page> = await f.get(`{ ${field}(${args} ${where}) { nodes { id } ${PAGE} } }`, {}, token)
    const { nodes, pageInfo } = data[field] as Page
    if (isBackward) all.unshift(...nodes)
    else all.push(...nodes)
    if (!(isBackward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) return all
    cursor = isBackward ? pageInfo.startCursor : pageInfo.endCursor
  }
}

const ORDERS = ['CREATED_AT', 'STARTED_AT', 'ENDED_AT', 'DURATION'].flatMap((field) =>
  ['ASC', 'DESC'].map((direction) => `{ field: ${field}, direction: ${direction} }`),
)

test.each(ORDERS)('runs by %s are the same whatever the size and direction of the pages', async (order) => {
  const whole = (
    await f.get(
      `{ runs(orderBy: ${order}, first: 100) { nodes { id createdAt startedAt endedAt durationSeconds } totalCount } }`,
    )
  ).runs
  expect(whole.totalCount).toBe(36)
  const ids = whole.nodes.map(({ id }: Node) => id)
  expect(new Set(ids).size).toBe(36)
  const walked = async (size: number, isBackward: boolean) =>
    (await walk('runs', `orderBy: ${order}`, size, isBackward)).map(({ id }) => id)
  for (const size of [1, 5, 36]) {
    expect(await walked(size, false)).toEqual(ids)
    expect(await walked(size, true)).toEqual(ids)
  }
})

test('orders are what they say, what has not ended counting as last', async () => {
  const { runs } = await f.get(
    '{ runs(orderBy: { field: ENDED_AT, direction: ASC }, first: 100) { nodes { endedAt } } }',
  )
  const ends = runs.nodes.map(({ endedAt }: Node) => endedAt ?? '9999')
  expect(ends).toEqual([...ends].sort())
  expect(ends.filter((end: string) => end === '9999')).toHaveLength(9)
})

test('a member of two projects pages through just these', async () => {
  const user = await f.makeUser('member')
  for (const projectId of projects.slice(0, 2)) {
    await f.change(
      'grantProjectRole',
      'GrantProjectRoleInput',
      { projectId, userId: user.id, role: 'VIEWER' },
      'project { id }',
    )
  }
  const seen = await walk('runs', '', 7, false, user.token)
  const { runs } = await f.get('{ runs(first: 100) { nodes { id project { id } } } }')
  const mine = runs.nodes.filter(({ project }: { project: { id: string } }) =>
    projects.slice(0, 2).includes(project.id),
  )
  expect(seen.map(({ id }) => id)).toEqual(mine.map(({ id }: Node) => id))
  const events = await walk('events', '', 50, false, user.token)
  const all = (await walk('events', '', 100)).length
  expect(events.length).toBeGreaterThan(50)
  expect(events.length).toBeLessThan(all)
  const { events: counted } = await f.get('{ events { totalCount } }', {}, user.token)
  expect(counted.totalCount).toBe(events.length)
  expect((await walk('events', '', 33, true, user.token)).map(({ id }) => id)).toEqual(events.map(({ id }) => id))
  expect((await walk('instances', '', 10, false, user.token)).length).toBe(mine.length * 3)
  expect((await walk('tasks', '', 4, false, user.token)).length).toBe(4 * 3)
})

test('filters hold together', async () => {
  const count = async (filter: string) =>
    (await f.get(`{ runs(filter: { ${filter} }) { totalCount } }`)).runs.totalCount
  expect(await count(`dagId: "${dags[0]}"`)).toBe(6)
  expect(await count(`dagId: "${dags[0]}", projectId: "${projects[1]}"`)).toBe(0)
  expect(await count('statuses: [SUCCEEDED]')).toBe(27)
  expect(await count('statuses: [RUNNING], tags: ["t0"]')).toBe(3)
  expect(await count('search: "X"')).toBe(18)
  expect(await count('search: "%"')).toBe(0)
  const instances = async (filter: string) =>
    (await f.get(`{ instances(filter: { ${filter} }) { totalCount } }`)).instances.totalCount
  expect(await instances('statuses: [QUEUED]')).toBe(18)
  expect(await instances('statuses: [PENDING], taskKeys: ["b"]')).toBe(9)
  expect(await instances(`dagId: "${dags[1]}", taskKeys: ["a"]`)).toBe(6)
  expect(await instances('tags: ["t1"]')).toBe(36)
})

test('waiting instances of a queue come in line, page by page', async () => {
  const page = async (after: string | null) =>
    (
      await f.get(
        'query ($a: String) { queue(name: "default") { depth pending(first: 5, after: $a) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } } }',
        { a: after },
      )
    ).queue
  const ids: unknown[] = []
  for (let after: string | null = null; ; ) {
    const { depth, pending } = await page(after)
    expect(depth).toBe(18)
    expect(pending.totalCount).toBe(18)
    ids.push(...pending.nodes.map(({ id }: Node) => id))
    if (!pending.pageInfo.hasNextPage) break
    after = pending.pageInfo.endCursor
  }
  const waiting = await f.db.owner.query('SELECT instance_id AS id FROM queue_entry ORDER BY rank, instance_id')
  expect(ids).toEqual(waiting.map(({ id }) => id))
})

test('the number of statements does not grow with the page', async () => {
  const query = `query ($n: Int!) { runs(first: $n, orderBy: { field: CREATED_AT, direction: ASC }) { totalCount nodes { id output parameters counts { total } usage { cpuSeconds }
    project { name } dag { name state latestVersion { number source } latestRun { id } runs(first: $n) { nodes { id } } } createdBy { username }
    dagVersion { number definition tasks(first: 2) { nodes { key needs command queue { name } latestInstance { id } } totalCount } }
    parentRun { id } rootRun { id } events(first: 2) { nodes { type actor { name } } totalCount } instance(taskKey: "b") { id }
    instances(first: 3) { totalCount nodes { name tags input output queue { name } attempts { number } upstream { nodes { id } totalCount } downstream { nodes { id } }
      usage { cpuSeconds peakMemoryMb } metrics(maxPoints: 2) { cpuPercent } events(first: 1) { nodes { id } } } } } } }`
  const sent = async (n: number) => {
    statements = 0
    await f.get(query, { n })
    return statements
  }
  await sent(1)
  const few = await sent(2)
  // So many fit in what an operation may cost.
  expect(await sent(12)).toBe(few)
  expect(few).toBeLessThan(60)
})

test('a cursor of another list is refused', async () => {
  const { dags: list } = await f.get('{ dags { pageInfo { endCursor } } }')
  const answer = await f.ask(`{ runs(after: "${list.pageInfo.endCursor}") { nodes { id } } }`, { token: f.admin })
  expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
})
