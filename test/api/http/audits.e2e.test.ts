import { auditServer } from 'graphql-http'
import { openTestApi, type TestApi } from '../../helpers/api.js'

let it_: TestApi
let url: string

beforeAll(async () => {
  it_ = await openTestApi()
  url = `${await it_.api.listen('127.0.0.1', 0)}/graphql`
})
afterAll(() => it_.close())

test('the audits of graphql-http show no error and no warning', async () => {
  const results = await auditServer({ url })
  const bad = results.filter(({ status }) => status === 'error' || status === 'warn')
  const lines = bad.map((result) => `${result.status} ${result.name}: ${'reason' in result ? result.reason : ''}`)
  expect(lines).toEqual([])
  expect(results.length).toBeGreaterThan(50)
})
