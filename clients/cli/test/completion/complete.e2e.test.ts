import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { person, server, signedIn } from '../helpers/signed-in.js'

signedIn('file')

beforeAll(async () => {
  await person.enters(['run', 'start', 'examples/hello'])
})

const completes = async (words: readonly string[], env = {}): Promise<string[]> => {
  const { code, stdout, stderr } = await person.enters(['__complete', '--', ...words], '', env)
  expect([code, stderr]).toEqual([0, ''])
  return stdout.split('\n').filter((line) => line !== '')
}
const values = async (...words: string[]): Promise<string[]> =>
  (await completes(words)).map((line) => line.split('\t')[0] ?? '')

test.each<[string[], string[]]>([
  [['r'], ['run']],
  [['run', 'st'], ['start']],
  [['--context', 'x', 'run', 'wa'], ['watch']],
  [['run', 'list', '--st'], ['--status']],
  [['run', 'list', '--status', 'fa'], ['FAILED']],
  [['run', 'list', '--status=FA'], ['--status=FAILED']],
  [['run', 'rerun', 'run_1', '--scope', 'TASKS_'], ['TASKS_AND_DOWNSTREAM']],
  [['run', 'start', 'ex'], ['examples/hello']],
  [['dag', 'enable', 'ex'], ['examples/hello']],
  [['secret', 'list', ''], ['examples']],
  [['backfill', 'start', 'examples/hello', '--reprocess', 'FA'], ['FAILED']],
  [['machine', 'add', 'x', '--known-hosts', ''], [':files']],
  [['token', 'create', 'ci', '--scope', ''], []],
  [['run', 'show', 'run_'], ['run_1']],
  [['run', 'list', '--project', ''], ['examples']],
  [
    ['logs', 'examples/hello', ''],
    ['a', 'b'],
  ],
  [['completion', 'z'], ['zsh']],
  [['dag', 'check', ''], [':files']],
  [['machine', 'add', 'x', '--key='], [':files']],
  [['nope', ''], []],
  [['run', 'list', 'extra', ''], []],
  [['__'], []],
])('%j may become %j', async (words, expected) => {
  expect(await values(...words)).toEqual(expected)
})

test('contexts come from the file, with their servers; options are those of the command and of all', async () => {
  expect(await completes(['--context', ''])).toEqual([expect.stringContaining(`\t${person.env.DAGBOOK_SERVER}`)])
  expect(await values('whoami', '--')).toEqual(['--json', '--help', '--version', '--context'])
})

test('where nobody is signed in, or no server is there, there is nothing, quietly', async () => {
  const nobody = { DAGBOOK_CONFIG: `${person.contextPath}.none` }
  expect(await completes(['run', 'start', ''], nobody)).toEqual([])
  expect(await completes(['run', 'start', ''], { DAGBOOK_SERVER: 'http://127.0.0.1:9', DAGBOOK_TOKEN: 'x' })).toEqual(
    [],
  )
  expect(await completes(['--context', ''], { DAGBOOK_CONFIG: person.folder })).toEqual([])
})

test('a server that does not answer is not waited for', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  expect(await completes(['run', 'start', ''], { DAGBOOK_SERVER: url, DAGBOOK_TOKEN: 'x' })).toEqual([])
  silent.closeAllConnections()
  silent.close()
}, 30_000)

test('a session that ran out is renewed for it', async () => {
  server.access.expireAccessTokens()
  expect(await values('run', 'list', '--project', '')).toEqual(['examples'])
  expect(server.access.reuses).toBe(0)
})
