import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { person, server, signedIn } from '../helpers/signed-in.js'

signedIn('test')

beforeEach(async () => {
  await writeFile(join(person.folder, 'key'), 'the private key\n')
  const key = join(person.folder, 'key')
  const add = ['machine', 'add', 'far', '--host', 'far.example', '--login', 'deploy', '--key', key, '--run-user', 'etl']
  expect(await person.enters([...add, '--pool', 'big'])).toMatchObject({ code: 0 })
})

const lastInput = (): unknown => server.requests.at(-1)?.variables.input

test('a machine is registered with its pool and the users that tasks may run as', () => {
  expect(server.machines.registered).toMatchObject([{ poolId: 'pool_big', allowedRunUsers: ['etl'] }])
})

test('what is given is changed, lists are replaced, and nothing else is sent', async () => {
  const update = ['machine', 'update', 'far', '--slots', '2', '--label', 'gpu', '--label', 'big', '--json']
  const { stdout } = await person.enters([...update, '--project', 'examples', '--pool', 'big', '--draining', 'yes'])
  expect(JSON.parse(stdout).machine).toMatchObject({ slots: 2, labels: ['gpu', 'big'], isDraining: true })
  const idempotencyKey = expect.any(String)
  expect(lastInput()).toEqual({
    machineId: 'machine_far',
    slots: 2,
    labels: ['gpu', 'big'],
    isDraining: true,
    projectIds: ['project_1'],
    poolId: 'pool_big',
    idempotencyKey,
  })
  const emptied = await person.enters(['machine', 'update', 'far', '--no-labels', '--no-projects', '--no-run-users'])
  expect(emptied).toMatchObject({ code: 0, stdout: expect.stringContaining('projects    all') })
  const none = { labels: [], projectIds: [], allowedRunUsers: [] }
  expect(lastInput()).toEqual({ machineId: 'machine_far', idempotencyKey, ...none })
})

test('a machine is drained and undrained; list and show say so', async () => {
  expect(await person.enters(['machine', 'drain', 'far'])).toMatchObject({
    code: 0,
    stdout: 'Machine far is draining: 0 still running\n',
  })
  expect((await person.enters(['machine', 'list'])).stdout).toContain('OFFLINE, draining')
  expect((await person.enters(['machine', 'show', 'far'])).stdout).toMatch(/draining\n(.*\n)*run users +etl\n/)
  expect((await person.enters(['machine', 'undrain', 'far'])).stdout).toBe('Machine far takes work again\n')
  expect((await person.enters(['machine', 'list'])).stdout).not.toContain('draining')
})

test.each([
  [['far'], 2, 'Next: dagbook machine update --help'],
  [['far', '--label', 'a', '--no-labels'], 2, '--label and --no-labels'],
  [['far', '--draining', 'maybe'], 2, 'YES, NO'],
  [['far', '--pool', 'small'], 5, 'Next: dagbook pool list'],
  [['far', '--project', 'nope'], 5, 'Next: dagbook project list'],
  [['near', '--slots', '1'], 5, 'Next: dagbook machine list'],
])('machine update %j is exit code %i', async (args, code, message) => {
  expect(await person.enters(['machine', 'update', ...args])).toMatchObject({
    code,
    stderr: expect.stringContaining(message),
  })
})
