import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fake } from '../helpers/fake-journal.js'
import { person, server, signedIn } from '../helpers/signed-in.js'

signedIn('test')

const run = (): Fake => [...server.work.runs.values()].at(-1) as Fake
const lastInput = (): unknown => server.requests.at(-1)?.variables.input

test('a run starts with the parameters that the schema makes of the options', async () => {
  await writeFile(join(person.folder, 'p.yaml'), 'day: monday\nextra: [1]\n')
  const { code, stdout } = await person.enters(
    ['run', 'start', 'examples/hello', '--param', 'count=3', '--param', 'free=3', '--params-file', 'p.yaml'].concat([
      '--logical-date',
      '2026-12-01',
      '--tag',
      'a',
      '--tag',
      'b',
      '--priority',
      '-5',
      '--dag-version',
      '1',
    ]),
  )
  expect([code, stdout]).toEqual([0, 'run_1\n'])
  expect(lastInput()).toEqual({
    dagId: 'dag_1',
    parameters: { day: 'monday', extra: [1], count: 3, free: '3' },
    tags: ['a', 'b'],
    version: 1,
    logicalDate: '2026-12-01T00:00:00.000Z',
    priority: -5,
    idempotencyKey: expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
})

test('a run that is shown names what its instances wait for', async () => {
  await person.enters(['run', 'start', 'examples/hello'])
  const waitReasons = [{ code: 'QUEUE_FULL', message: 'Queue gpu is full: 2 of 2 are taken', needed: 1, available: 0 }]
  Object.assign(server.work.instanceOf(String(run().id), 0), { status: 'QUEUED', waitReasons })
  expect((await person.enters(['run', 'show', String(run().id)])).stdout).toContain(
    'Queue gpu is full: 2 of 2 are taken',
  )
})

test('a run is shown, listed, steered and run again', async () => {
  await person.enters(['run', 'start', 'examples/hello'])
  const shown = JSON.parse((await person.enters(['run', 'show', 'examples/hello', '--json'])).stdout)
  expect(shown).toMatchObject({ run: { id: 'run_1' }, instances: [{ taskKey: 'a' }, { taskKey: 'b' }] })
  expect(
    (await person.enters(['run', 'list', '--project', 'examples', '--dag', 'hello', '--status', 'running'])).stdout,
  ).toContain('run_1')
  for (const [verb, status] of [
    ['pause', 'PAUSED'],
    ['resume', 'RUNNING'],
    ['cancel', 'CANCELING'],
  ] as const) {
    expect(await person.enters(['run', verb, 'run_1'])).toMatchObject({ code: 0, stdout: `run_1 ${status}\n` })
  }
  expect(await person.enters(['run', 'priority', 'run_1', '-5'])).toMatchObject({ code: 0, stdout: 'run_1 RUNNING\n' })
  expect(lastInput()).toMatchObject({ runId: 'run_1', priority: -5 })
  expect((await person.enters(['run', 'priority', 'run_1', '101'])).code).toBe(2)
  expect(await person.enters(['run', 'rerun', 'run_1', '--scope', 'tasks', '--task', 'a'])).toMatchObject({
    code: 0,
    stdout: 'run_2\n',
  })
})

test('refusals and missing runs have their exit codes', async () => {
  await person.enters(['run', 'start', 'examples/hello'])
  server.work.setRun(run(), 'SUCCEEDED', 'RunSucceeded')
  expect(await person.enters(['run', 'pause', 'run_1'])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('NOT_ALLOWED_IN_STATE'),
  })
  expect(await person.enters(['run', 'pause', 'run_9'])).toMatchObject({ code: 5 })
  expect(await person.enters(['run', 'show', 'run_9'])).toMatchObject({ code: 5 })
  expect(await person.enters(['run', 'rerun', 'run_1', '--scope', 'some'])).toMatchObject({ code: 2 })
  expect(await person.enters(['run', 'list', '--dag', 'hello'])).toMatchObject({ code: 2 })
})
