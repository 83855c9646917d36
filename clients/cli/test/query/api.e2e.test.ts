import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { person, server, signedIn } from '../helpers/signed-in.js'
import { until } from '../helpers/until.js'

signedIn('test')

const append = (count: number): void => {
  for (let index = 0; index < count; index++) server.journal.append('Even')
}
const lines = (stdout: string): unknown[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)

test('a query comes as an argument, from a file and from stdin, and its data is one line off a terminal', async () => {
  const query = 'query Find($name: String!) { project(name: $name) { name } } query Other { viewer { id } }'
  const rest = ['--operation', 'Find', '--var', 'name=examples']
  await writeFile(join(person.folder, 'q.graphql'), query)
  const expected = { code: 0, stdout: '{"project":{"name":"examples"}}\n', stderr: '' }
  expect(await person.enters(['api', query, ...rest])).toEqual(expected)
  expect(await person.enters(['api', '-f', join(person.folder, 'q.graphql'), ...rest])).toEqual(expected)
  expect(await person.enters(['api', '-', ...rest], query)).toEqual(expected)
  expect(server.requests.at(-1)?.variables).toEqual({ name: 'examples' })
})

test('a mutation takes JSON variables; what a caller can correct is data', async () => {
  const mutation = 'mutation ($i: TriggerRunInput!) { triggerRun(input: $i) { run { id } userErrors { code } } }'
  expect(await person.enters(['api', mutation, '--var-json', 'i={"dagId":"dag_1"}'])).toMatchObject({
    code: 0,
    stdout: '{"triggerRun":{"run":{"id":"run_1"},"userErrors":[]}}\n',
  })
})

test('errors go to stderr, all of them, with the exit code of the first; data that came with them is printed', async () => {
  const unknown = await person.enters(['api', '{ nope nothing }'])
  expect(unknown).toMatchObject({ stdout: '', stderr: expect.stringMatching(/"nope"[^\n]*\n.*"nothing"/) })
  const missing = await person.enters(['api', 'mutation { pauseRun(input: { runId: "x" }) { run { id } } }'])
  expect(missing.code).toBe(5)
  expect(missing.stderr).toBe('error: Run: does not exist (NOT_FOUND at pauseRun)\nNext: dagbook run list\n')
})

test.each([
  [['{ viewer {'], 'Query:1:11'],
  [[], 'Query: must be given'],
  [['{ viewer { id } }', '-f', 'x'], 'given both'],
  [['query A { viewer { id } } query B { viewer { id } }'], 'A, B'],
  [['query A { viewer { id } }', '--operation', 'B'], 'given B'],
  [['{ viewer { id } }', '--var-json', 'a=b'], '--var-json a: must be JSON, given b'],
  [['{ viewer { id } }', '--var', 'a'], 'NAME=VALUE'],
])('%j is wrong usage, and nothing is sent', async (args, message) => {
  expect(await person.enters(['api', ...args])).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
  expect(server.requests).toHaveLength(0)
})

test('an access token that ran out is renewed on the way', async () => {
  server.access.expireAccessTokens()
  expect(await person.enters(['api', '{ viewer { id } }'])).toMatchObject({ code: 0 })
})

test('a subscription goes on over cuts, each item once and in order, printed as it was asked for', async () => {
  server.streams.repeatsOnResume = true
  const command = person.starts(['api', 'subscription { it: events { type at: position } }'])
  await until(() => expect(server.subscriptions).toHaveLength(1))
  for (let round = 1; round <= 3; round++) {
    append(2)
    await command.shows(`"at":"${round * 2}"`)
    server.cutSockets()
    await until(() => expect(server.subscriptions).toHaveLength(round + 1))
  }
  command.child.kill('SIGINT')
  const { code, stdout } = await command.ended
  const expected = ['1', '2', '3', '4', '5', '6'].map((at) => ({ it: { type: 'Even', at } }))
  expect([code, lines(stdout)]).toEqual([130, expected])
})

test.each([
  ['subscription { events(after: "2") { position } }', []],
  ['subscription ($from: Position!) { events(after: $from) { position } }', ['--var', 'from=2']],
])('%s begins where it says, and goes on where it was', async (subscription, variables) => {
  append(3)
  const command = person.starts(['api', subscription, ...variables])
  await command.shows('"position":"3"')
  server.cutSockets()
  append(1)
  await command.shows('"position":"4"')
  command.child.kill('SIGINT')
  expect(lines((await command.ended).stdout)).toEqual([{ events: { position: '3' } }, { events: { position: '4' } }])
})

test('a subscription without positions begins anew after a cut and says so; it ends with the server', async () => {
  server.work.write('i', 'one')
  const command = person.starts(['api', 'subscription { instanceLog(instanceId: "i") { text } }'])
  await command.shows('one')
  server.cutSockets()
  await until(() => expect(command.stderr).toContain('what comes in between is missing'))
  server.work.write('i', 'two', true)
  const { code, stdout } = await command.ended
  expect([code, lines(stdout).at(-1)]).toEqual([0, { instanceLog: { text: 'two' } }])
})

test('a subscription that the server does not understand is refused once', async () => {
  const { code, stderr } = await person.enters(['api', 'subscription { events { nope } }'])
  expect([code, stderr]).toEqual([3, expect.stringContaining('"nope"')])
})
