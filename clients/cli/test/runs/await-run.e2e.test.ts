import type { Fake } from '../helpers/fake-journal.js'
import { person, server, signedIn } from '../helpers/signed-in.js'
import { until } from '../helpers/until.js'

signedIn('test')

const run = (): Fake => [...server.work.runs.values()].at(-1) as Fake
const instance = (at: number): Fake => server.work.instanceOf(String(run().id), at)

test('--wait ends with the run: 0 when it SUCCEEDED, over cut connections', async () => {
  server.streams.repeatsOnResume = true
  const command = person.starts(['run', 'start', 'examples/hello', '--wait', '--json'])
  await until(() => expect(server.subscriptions).toHaveLength(1))
  expect(server.subscriptions[0]).toEqual({ runId: 'run_1', after: '1' })
  server.work.setRun(run(), 'PAUSED', 'RunPaused')
  server.work.setRun(run(), 'RUNNING', 'RunResumed')
  server.cutSockets()
  await until(() => expect(server.subscriptions).toHaveLength(2))
  server.work.setRun(run(), 'SUCCEEDED', 'RunSucceeded')
  const { code, stdout, stderr } = await command.ended
  expect([code, JSON.parse(stdout), stderr]).toEqual([
    0,
    { run: expect.objectContaining({ id: 'run_1', status: 'SUCCEEDED' }) },
    '',
  ])
  expect(server.requests.some(({ headers }) => headers['dagbook-min-position'] === '1')).toBe(true)
})

test('--wait is exit code 1 when the run ended otherwise, and names the task to look at', async () => {
  server.work.onTriggered = (started) => {
    server.work.setInstance(server.work.instanceOf(String(started.id), 0), 'FAILED', 'InstanceFailed')
    server.work.setRun(started, 'FAILED', 'RunFailed')
  }
  const { code, stderr } = await person.types(['run', 'start', 'examples/hello', '--wait'])
  expect([code, stderr]).toEqual([1, 'Next: dagbook logs run_1 a\n'])
})

test('--wait asks instead of listening where no WebSocket can be had', async () => {
  server.refusesSockets = true
  const command = person.starts(['run', 'start', 'examples/hello', '--wait', '--json'])
  const reads = (): number => server.requests.filter(({ query }) => query.includes('query Run(')).length
  await until(() => expect(reads()).toBeGreaterThanOrEqual(2))
  server.work.setRun(run(), 'SUCCEEDED', 'RunSucceeded')
  expect(await command.ended).toMatchObject({ code: 0, stderr: '' })
})

test('--watch shows each change once, in order, and a summary', async () => {
  const command = person.starts(['run', 'start', 'examples/hello', '--watch'])
  await until(() => expect(server.subscriptions).toHaveLength(2))
  server.work.setInstance(instance(0), 'RUNNING', 'InstanceStarted')
  await command.shows('RUNNING          a')
  server.cutSockets()
  await until(() => expect(server.subscriptions).toHaveLength(4))
  server.work.setInstance(instance(0), 'SUCCEEDED', 'InstanceSucceeded')
  server.work.setInstance(instance(1), 'SUCCEEDED', 'InstanceSucceeded')
  server.work.setRun(run(), 'SUCCEEDED', 'RunSucceeded')
  const { code, stdout } = await command.ended
  const lines = stdout.split('\n').flatMap((line) => /^\S+ {2}(\S+) +(a|b|run)$/.exec(line)?.slice(1).join(' ') ?? [])
  expect(lines.sort()).toEqual(['RUNNING a', 'RUNNING run', 'SUCCEEDED a', 'SUCCEEDED b', 'SUCCEEDED run'])
  expect([code, stdout]).toEqual([0, expect.stringContaining('2 of 2 ended: 2 succeeded')])
})

test('--watch --json is one document a line, the result last', async () => {
  server.work.onTriggered = (started) => server.work.setRun(started, 'CANCELED', 'RunCanceled')
  const { code, stdout } = await person.types(['run', 'start', 'examples/hello', '--watch', '--json'])
  const documents = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string })
  expect([code, documents.map(({ kind }) => kind)]).toEqual([1, ['run', 'result']])
})

test('Ctrl-C leaves the run alone and says so', async () => {
  const command = person.starts(['run', 'start', 'examples/hello', '--wait'])
  await until(() => expect(server.subscriptions).toHaveLength(1))
  command.child.kill('SIGINT')
  expect(await command.ended).toMatchObject({ code: 130, stderr: 'The run goes on. Next: dagbook run watch run_1\n' })
})
