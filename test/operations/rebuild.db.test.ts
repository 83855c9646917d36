import { ensureCapacity } from '../../src/commands/ensure-capacity.js'
import { rebuild } from '../../src/operations/rebuild.js'
import { openTestApi, type TestApi } from '../helpers/api.js'
import { drive } from '../helpers/drive.js'
import { requestRun } from '../helpers/runs.js'

const SOURCE = `
name: zigzag
parameters: { type: object, properties: { b: { default: 1 }, a: { default: 2 } } }
tasks:
  zeta: { run: "true", env: { B: x, A: y } }
  flaky: { noop: {}, needs: [beta], retry: { maxAttempts: 2 } }
  beta: { noop: {}, tags: [t], priority: 3 }
  after: { noop: {}, needs: [flaky, beta], when: ALL_DONE }
  skipped: { noop: {}, if: "false" }
  lost: { noop: {}, needs: [flaky] }
`

let t: TestApi
beforeAll(async () => {
  t = await openTestApi()
  await ensureCapacity(t.services.database, t.services.bus, 'host of the tests')
})
afterAll(() => t.close(), 60_000)

/** Requests runs and drives them, until it is told to stop; some are canceled and paused on the way. */
async function writeOn(isOver: () => boolean): Promise<number> {
  const { bus } = t.services
  let runs = 0
  while (!isOver()) {
    const runId = await requestRun(bus, SOURCE, { a: 1, b: 2 })
    runs += 1
    await drive(bus, ({ taskKey }) =>
      taskKey === 'flaky' ? { outcome: 'FAILED', exitCode: 1 } : { output: { b: 1, a: 2 } },
    )
    if (runs % 3 === 0) {
      const token = await t.tokenOf('admin')
      const query = 'mutation ($i: CancelRunInput!) { cancelRun(input: $i) { userErrors { message } } }'
      await t.ask(query, { token, variables: { i: { runId, reason: 'enough' } } })
    }
  }
  return runs
}

async function whileWriting<Result>(work: () => Promise<Result>): Promise<Result> {
  let isOver = false
  const writer = writeOn(() => isOver)
  try {
    return await work()
  } finally {
    isOver = true
    expect(await writer).toBeGreaterThan(0)
  }
}

test('what is computed again equals the live tables while writers go on, and a planted difference is found', async () => {
  const { ownerUrl, owner } = t.db
  let rounds = 0
  await writeOn(() => {
    rounds += 1
    return rounds > 6
  })
  const clean = await whileWriting(() => rebuild({ ownerUrl, isCheck: true }))
  expect(clean.tables.filter(({ onlyLive, onlyRebuilt }) => onlyLive + onlyRebuilt > 0)).toEqual([])
  expect(clean.tables.find(({ table }) => table === 'instance')?.liveRows).toBeGreaterThan(30)
  expect(clean.tables.map(({ table }) => table)).toContain('queue_entry')
  await owner.query(
    "UPDATE instance SET status = 'SUCCEEDED' WHERE id = (SELECT min(id) FROM instance WHERE status <> 'SUCCEEDED')",
  )
  await owner.query(
    'DELETE FROM attempt WHERE (instance_id, number) = (SELECT instance_id, number FROM attempt LIMIT 1)',
  )
  const planted = await whileWriting(() => rebuild({ ownerUrl, isCheck: true }))
  const found = planted.tables.flatMap(({ table, onlyLive, onlyRebuilt }) =>
    onlyLive + onlyRebuilt > 0 ? [[table, onlyLive, onlyRebuilt]] : [],
  )
  expect(found).toEqual([
    ['instance', 1, 1],
    ['attempt', 0, 1],
  ])
  const health = await t.ask('{ journal { projections { name matchesReplay checkedAt lag } } }', {
    token: await t.tokenOf('admin'),
  })
  const { projections } = health.data.journal
  expect(projections.find((each: { name: string }) => each.name === 'runs').matchesReplay).toBe(false)
  expect(projections.find((each: { name: string }) => each.name === 'dags').matchesReplay).toBe(true)
})

test('swapped in, the rebuilt tables heal the difference and keep indexes, grants and settings', async () => {
  const { ownerUrl, owner } = t.db
  const shape = () =>
    owner.query(`
      SELECT c.relname, c.relkind, array_to_string(c.reloptions, ',') AS options, c.relacl::text AS acl,
        pg_get_indexdef(c.oid) AS index
      FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') ORDER BY relname`)
  const before = await shape()
  await whileWriting(() => rebuild({ ownerUrl, isCheck: false }))
  expect(await shape()).toEqual(before)
  const after = await whileWriting(() => rebuild({ ownerUrl, isCheck: true }))
  expect(after.tables.filter(({ onlyLive, onlyRebuilt }) => onlyLive + onlyRebuilt > 0)).toEqual([])
  const left = await owner.query(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'rebuild_%'`)
  expect(left).toEqual([])
})

test('one rebuild at a time, and what a killed one left behind goes', async () => {
  const { ownerUrl, owner } = t.db
  await owner.query('CREATE SCHEMA rebuild_left CREATE TABLE t (n integer)')
  const both = await Promise.allSettled([rebuild({ ownerUrl, isCheck: true }), rebuild({ ownerUrl, isCheck: true })])
  const refused = both.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []))
  expect(refused).toEqual(['REBUILD_RUNNING'])
  expect(await owner.query(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'rebuild_%'`)).toEqual([])
})
