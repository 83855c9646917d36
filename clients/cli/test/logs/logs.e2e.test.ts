import type { Fake } from '../helpers/fake-journal.js'
import { person, server, signedIn } from '../helpers/signed-in.js'
import { until } from '../helpers/until.js'

const INSTANCE = 'instance_run_1_a'

signedIn('test')

beforeEach(async () => {
  await person.enters(['run', 'start', 'examples/hello'])
})

const instance = (): Fake => server.work.instanceOf('run_1', 0)

test('stored output comes whole, over several slices', async () => {
  for (const text of ['one\n', 'two\n', 'three\n', 'four\n', 'five']) server.work.write(INSTANCE, text)
  expect(await person.enters(['logs', 'run_1', 'a'])).toEqual({
    code: 0,
    stdout: 'one\ntwo\nthree\nfour\nfive',
    stderr: '',
  })
})

test('--json gives each entry with its offset and attempt', async () => {
  server.work.write(INSTANCE, 'one\n', true)
  const { stdout } = await person.enters(['logs', 'run_1', 'a', '--json'])
  expect(JSON.parse(stdout)).toEqual({
    attempt: 1,
    offset: '0',
    stream: 'STDOUT',
    text: 'one\n',
    recordedAt: expect.any(String),
  })
})

test('-f goes on to the end of the instance, over cuts, every piece once and in order', async () => {
  const command = person.starts(['logs', 'run_1', 'a', '-f'])
  for (let round = 1; round <= 4; round++) {
    await until(() => expect(server.subscriptions.length).toBeGreaterThanOrEqual(round))
    server.work.write(INSTANCE, `round ${round}\n`)
    await command.shows(`round ${round}\n`)
    server.cutSockets()
    server.work.write(INSTANCE, `after cut ${round}\n`)
  }
  instance().status = 'SUCCEEDED'
  server.work.write(INSTANCE, 'end\n', true)
  const { code, stdout } = await command.ended
  const rounds = [1, 2, 3, 4].map((round) => `round ${round}\nafter cut ${round}\n`)
  expect([code, stdout]).toEqual([0, `${rounds.join('')}end\n`])
})

test('-f without WebSockets asks again and again', async () => {
  server.refusesSockets = true
  const command = person.starts(['logs', 'run_1', 'a', '-f'])
  server.work.write(INSTANCE, 'one\n')
  await command.shows('one\n')
  server.work.write(INSTANCE, 'two\n')
  await command.shows('two\n')
  instance().status = 'SUCCEEDED'
  server.work.write(INSTANCE, '', true)
  expect(await command.ended).toMatchObject({ code: 0, stdout: 'one\ntwo\n' })
})

test('-f waits for the first attempt of an instance that has not started', async () => {
  instance().attempts = []
  const command = person.starts(['logs', 'run_1', 'a', '-f'])
  await until(() =>
    expect(server.requests.filter(({ query }) => query.includes('FindInstance')).length).toBeGreaterThan(1),
  )
  instance().attempts = [{ number: 1 }]
  instance().status = 'SUCCEEDED'
  server.work.write(INSTANCE, 'hello\n', true)
  expect(await command.ended).toMatchObject({ code: 0, stdout: 'hello\n' })
})

test('a task, attempt or run that is missing is exit code 5', async () => {
  expect(await person.enters(['logs', 'run_1', 'nope'])).toMatchObject({ code: 5 })
  expect(await person.enters(['logs', 'run_1', 'a', '--attempt', '3'])).toMatchObject({ code: 5 })
  expect(await person.enters(['logs', 'run_9', 'a'])).toMatchObject({ code: 5 })
})

test('a task that has not started is no error: a note says what it waits as', async () => {
  instance().attempts = []
  expect(await person.enters(['logs', 'run_1', 'a'])).toEqual({
    code: 0,
    stdout: '',
    stderr: 'Task a has not started: it is PENDING\n',
  })
})
