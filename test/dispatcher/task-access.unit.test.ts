import type { StoredAssignment } from '../../src/dispatcher/read-assignments.js'
import { type TaskAccessOptions, taskAccessOf } from '../../src/dispatcher/task-access.js'

const NONE = {
  url: null,
  host: '127.0.0.1',
  port: 4000,
  servesApi: true,
  own: { address: null },
  localId: 'machine_here',
}

function addressOf(change: Partial<TaskAccessOptions>, machineId = 'machine_here'): string | null {
  const access = taskAccessOf({ ...NONE, tokenOf: ({ instanceId }) => `token of ${instanceId}`, ...change })
  return access({ instanceId: 'instance_1', fence: 1, machineId } as StoredAssignment)?.url ?? null
}

it.each<[Partial<TaskAccessOptions>, string | null]>([
  [{}, 'http://127.0.0.1:4000'],
  [{ host: '0.0.0.0', port: 80 }, 'http://127.0.0.1:80'],
  [{ host: '::' }, 'http://[::1]:4000'],
  [{ host: 'fe80::1' }, 'http://[fe80::1]:4000'],
  [{ servesApi: false }, null],
  [{ port: 0 }, null],
  [{ port: 0, own: { address: 'http://127.0.0.1:41234' } }, 'http://127.0.0.1:41234'],
  [{ url: 'https://dagbook.example', servesApi: false }, 'https://dagbook.example'],
])('on this host, with %j, tasks find the server at %s', (change, expected) => {
  expect(addressOf(change)).toBe(expected)
})

it('on other machines tasks find it where it is said to be, or nowhere', () => {
  expect(addressOf({}, 'machine_far')).toBe(null)
  expect(addressOf({ url: 'https://dagbook.example' }, 'machine_far')).toBe('https://dagbook.example')
})

it('gives the token of that attempt', () => {
  const access = taskAccessOf({ ...NONE, tokenOf: ({ instanceId }) => `token of ${instanceId}` })
  const attempt = { instanceId: 'instance_1', fence: 1, machineId: 'machine_here' } as StoredAssignment
  expect(access(attempt)?.token).toBe('token of instance_1')
})

it('knows the token of what has begun, to mask it, also where it knows no address', () => {
  const access = taskAccessOf({ ...NONE, port: 0, tokenOf: ({ instanceId }) => `token of ${instanceId}` })
  const attempt = { instanceId: 'instance_1', fence: 1, machineId: 'machine_here', isStarted: true } as StoredAssignment
  expect(access(attempt)).toEqual({ url: null, token: 'token of instance_1' })
})
