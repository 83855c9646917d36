import { person, server, signedIn } from '../helpers/signed-in.js'

signedIn('test')

const lastInput = (): unknown => server.requests.at(-1)?.variables.input
const idempotencyKey = expect.any(String)

test('a queue is made for projects, changed, and shown', async () => {
  const create = ['queue', 'create', 'gpu', '--capacity', '3', '--priority', '2', '--pool', 'big']
  expect(await person.enters([...create, '--project', 'examples'])).toMatchObject({
    code: 0,
    stdout: 'Created queue gpu\n',
  })
  const made = { name: 'gpu', capacity: 3, priority: 2, poolId: 'pool_big', projectIds: ['project_1'] }
  expect(lastInput()).toEqual({ ...made, idempotencyKey })
  const changed = await person.enters(['queue', 'update', 'gpu', '--capacity', '5', '--no-projects', '--json'])
  expect(JSON.parse(changed.stdout).queue).toMatchObject({ capacity: 5, projects: [] })
  expect(lastInput()).toEqual({ queueId: 'queue_gpu', capacity: 5, projectIds: [], idempotencyKey })
  expect((await person.enters(['queue', 'list'])).stdout).toMatch(
    /^NAME +STATUS +IN USE +WAITING .*\ndefault +OPEN +2\/10 +5 /,
  )
  expect((await person.enters(['queue', 'show', 'gpu'])).stdout).toContain('in use    2 of 5')
})

test.each([
  ['pause', 'PAUSED', 'Queue default is paused: 5 waiting, 2 still running\n'],
  ['drain', 'DRAINING', 'Queue default is draining: 5 waiting, 2 still running\n'],
  ['resume', 'OPEN', 'Queue default is open\n'],
])('queue %s sets %s and says what is left', async (command, status, stdout) => {
  expect(await person.enters(['queue', command, 'default'])).toMatchObject({ code: 0, stdout })
  expect(lastInput()).toEqual({ queueId: 'queue_default', status, idempotencyKey })
})

test('a queue in use is not deleted, and the way is named; one that is not is gone', async () => {
  expect(await person.enters(['queue', 'delete', 'default'])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('Next: dagbook queue drain default'),
  })
  await person.enters(['queue', 'create', 'idle', '--capacity', '0'])
  expect((await person.enters(['queue', 'delete', 'idle'])).stdout).toBe('Deleted queue idle\n')
  expect(await person.enters(['queue', 'show', 'idle'])).toMatchObject({ code: 5 })
})

test('a pool is made, changed, paused, resumed, shown and deleted', async () => {
  const create = ['pool', 'create', 'gpus', '--cpu', '2.5', '--memory-mb', '1000']
  expect((await person.enters(create)).stdout).toBe('Created pool gpus\n')
  expect(lastInput()).toEqual({ name: 'gpus', totalCpu: 2.5, totalMemoryMb: 1000, idempotencyKey })
  expect((await person.enters(['pool', 'update', 'gpus', '--cpu', '4'])).stdout).toContain('1.5 of 4 in use')
  expect(lastInput()).toEqual({ poolId: 'pool_gpus', totalCpu: 4, idempotencyKey })
  expect((await person.enters(['pool', 'pause', 'gpus'])).stdout).toBe('Pool gpus is paused: 1.5 cpus still in use\n')
  expect((await person.enters(['pool', 'list'])).stdout).toMatch(/gpus +PAUSED +1\.5\/4 +20\/1000 /)
  expect((await person.enters(['pool', 'resume', 'gpus'])).stdout).toBe('Pool gpus is active\n')
  expect((await person.enters(['pool', 'show', 'gpus', '--json'])).stdout).toContain('"status"')
  expect((await person.enters(['pool', 'delete', 'gpus'])).stdout).toBe('Deleted pool gpus\n')
})

test.each([
  [['queue', 'update', 'default'], 2, 'Next: dagbook queue update --help'],
  [['queue', 'create', 'x'], 2, '--capacity'],
  [['queue', 'update', 'nope', '--capacity', '1'], 5, 'Next: dagbook queue list'],
  [['pool', 'update', 'big'], 2, 'Next: dagbook pool update --help'],
  [['pool', 'create', 'x', '--cpu', '-1', '--memory-mb', '1'], 2, '--cpu'],
  [['pool', 'pause', 'nope'], 5, 'Next: dagbook pool list'],
])('%j is exit code %i', async (args, code, message) => {
  expect(await person.enters(args)).toMatchObject({ code, stderr: expect.stringContaining(message) })
})
