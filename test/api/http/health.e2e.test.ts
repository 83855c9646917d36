import { openTestApi, type TestApi } from '../../helpers/api.js'

let it_: TestApi
let url: string

beforeAll(async () => {
  it_ = await openTestApi()
  url = await it_.api.listen('127.0.0.1', 0)
})
afterAll(() => it_.close())

const get = async (path: string) => {
  const response = await fetch(`${url}${path}`)
  return { status: response.status, body: await response.json() }
}

test('says that it lives, that it can work, and its version', async () => {
  expect(await get('/livez')).toEqual({ status: 200, body: { status: 'ok' } })
  expect(await get('/readyz')).toEqual({ status: 200, body: { status: 'ok' } })
  expect(await get('/version')).toEqual({ status: 200, body: { name: 'dagbook', version: '0.0.0-test' } })
  expect((await get('/nothing')).status).toBe(404)
})

test('is not ready while its schema is not there', async () => {
  await it_.db.owner.query('ALTER TABLE schema_migration_record RENAME TO hidden')
  expect(await get('/readyz')).toEqual({ status: 503, body: { status: 'database unreachable' } })
  await it_.db.owner.query('ALTER TABLE hidden RENAME TO schema_migration_record')
  expect((await get('/readyz')).status).toBe(200)
})
