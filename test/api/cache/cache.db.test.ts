import { drive } from '../../helpers/drive.js'
import { type Flow, openFlow } from '../../helpers/flow.js'

let f: Flow
let dagId: string
let runId: string

beforeAll(async () => {
  f = await openFlow()
  dagId = await f.publish(await f.project('caches'), 'name: a\ntasks:\n  a: { noop: {} }\n')
})
beforeEach(async () => {
  runId = await f.trigger(dagId)
})
afterAll(() => f.close(), 60_000)

const ENTRY = 'cacheEntry { id key value type expiresAt run { id } }'
const set = (input: object, token?: string) =>
  f.change('setCacheEntry', 'SetCacheEntryInput', { runId, ...input }, ENTRY, token)
const del = (input: object, token?: string) =>
  f.change('deleteCacheEntry', 'DeleteCacheEntryInput', { runId, ...input }, ENTRY, token)
const cacheOf = async (token?: string) =>
  (await f.get('query ($id: ID!) { run(id: $id) { cache { key value type } } }', { id: runId }, token)).run?.cache
const codes = (payload: { userErrors: { code: string; path: string[] }[] }) =>
  payload.userErrors.map(({ code, path }) => `${path.join('.')} ${code}`)

it('keeps typed values, lists them by key and gives each alone', async () => {
  expect(await set({ key: 'n', value: 41 })).toEqual({
    cacheEntry: { id: `${runId}/n`, key: 'n', value: 41, type: 'NUMBER', expiresAt: null, run: { id: runId } },
    userErrors: [],
    position: null,
  })
  await set({ key: 'n', value: 42 })
  await set({ key: 'b', value: 'AAEC', type: 'BINARY', expiresInSeconds: 3_600 })
  expect(await cacheOf()).toEqual([
    { key: 'b', value: 'AAEC', type: 'BINARY' },
    { key: 'n', value: 42, type: 'NUMBER' },
  ])
  const one =
    'query ($id: ID!) { run(id: $id) { n: cacheEntry(key: "n") { value } x: cacheEntry(key: "x") { value } } }'
  expect((await f.get(one, { id: runId })).run).toEqual({ n: { value: 42 }, x: null })
  expect((await del({ key: 'n' })).cacheEntry).toMatchObject({ key: 'n', value: 42 })
  expect(codes(await del({ key: 'n' }))).toEqual(['key NOT_FOUND'])
})

it('tells everything that is wrong with an entry at once', async () => {
  expect(codes(await set({ key: 'a b', value: 'x', type: 'NUMBER', expiresInSeconds: 0 }))).toEqual([
    'key INVALID',
    'value SCHEMA_VIOLATION',
    'expiresInSeconds INVALID',
  ])
  expect(codes(await set({ runId: 'run_x', key: 'a', value: 1 }))).toEqual(['runId NOT_FOUND'])
})

it('takes a value of a mebibyte, and no larger one', async () => {
  const largest = 'x'.repeat(1_048_574)
  expect(codes(await set({ key: 'big', value: largest }))).toEqual([])
  expect(codes(await set({ key: 'big', value: `${largest}x` }))).toEqual(['value TOO_LARGE'])
})

it('the cache of a run that has ended can be read and not changed', async () => {
  await set({ key: 'k', value: true })
  await drive(f.services.bus)
  expect(codes(await set({ key: 'k', value: false }))).toEqual(['runId NOT_ALLOWED_IN_STATE'])
  expect(codes(await del({ key: 'k' }))).toEqual(['runId NOT_ALLOWED_IN_STATE'])
  expect(await cacheOf()).toEqual([{ key: 'k', value: true, type: 'BOOLEAN' }])
})

it('a repeat with the same idempotency key does nothing again; another input with it is a conflict', async () => {
  const input = { key: 'k', value: 1, idempotencyKey: `once-${runId}` }
  await set(input)
  await set({ key: 'k', value: 2 })
  expect((await set(input)).cacheEntry.value).toBe(2)
  await expect(set({ ...input, value: 3 })).rejects.toThrow('CONFLICT')
  const away = { key: 'k', idempotencyKey: `away-${runId}` }
  expect((await del(away)).cacheEntry.value).toBe(2)
  await set({ key: 'k', value: 4 })
  expect((await del(away)).cacheEntry.value).toBe(4)
  expect(await cacheOf()).toHaveLength(1)
  await drive(f.services.bus)
  // Who lost the answer hears that it was done, also when nothing more may be.
  expect((await set(input)).cacheEntry.value).toBe(4)
})

it('VIEWERs read, OPERATORs write, and nobody else learns of it', async () => {
  const projectId = (await f.get('query ($id: ID!) { run(id: $id) { project { id } } }', { id: runId })).run.project.id
  const tokens: Record<string, string> = {}
  for (const role of ['VIEWER', 'OPERATOR']) {
    const { id, token } = await f.makeUser(`${role.toLowerCase()}-${runId.slice(-6)}`)
    const input = { projectId, userId: id, role }
    await f.change('grantProjectRole', 'GrantProjectRoleInput', input, 'project { id }')
    tokens[role] = token
  }
  expect((await set({ key: 'k', value: 1 }, tokens.OPERATOR)).cacheEntry.key).toBe('k')
  expect(await cacheOf(tokens.VIEWER)).toHaveLength(1)
  await expect(set({ key: 'k', value: 1 }, tokens.VIEWER)).rejects.toThrow('FORBIDDEN')
  await expect(del({ key: 'k' }, tokens.VIEWER)).rejects.toThrow('FORBIDDEN')
  const { token } = await f.makeUser(`stranger-${runId.slice(-6)}`)
  expect(await cacheOf(token)).toBe(undefined)
  expect(codes(await set({ key: 'k', value: 1 }, token))).toEqual(['runId NOT_FOUND'])
})

it('an entry that has expired is gone', async () => {
  await set({ key: 'k', value: 1, expiresInSeconds: 1 })
  await f.db.owner.query("UPDATE cache_entry SET expires_at = now() - interval '1 second'")
  expect(await cacheOf()).toEqual([])
})
