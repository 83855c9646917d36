import type { SshMachineRow } from '../../src/commands/ssh-machine.js'
import { FleetMachine } from '../../src/dispatcher/fleet-machine.js'
import type { MachineId, PoolId } from '../../src/domain/ids.js'
import type { SshHostOptions } from '../../src/machines/ssh.js'
import { type Sshd, startSshd } from '../helpers/sshd.js'
import { plainLogin } from '../helpers/users.js'

let login: Awaited<ReturnType<typeof plainLogin>>
let sshd: Sshd
let machine: FleetMachine

beforeEach(async () => {
  login = await plainLogin()
  sshd = await startSshd({ login: login.name })
})
afterEach(async () => {
  await machine.close()
  await sshd.stop()
  await login.remove()
})

function rowOf(change: Partial<SshHostOptions>): SshMachineRow {
  const who = { id: 'machine_x' as MachineId, name: 'x', poolId: 'pool_x' as PoolId }
  const state = { isDraining: false, isQuarantined: false, isRemoved: false }
  return { ...who, ...state, identity: null, host: { ...sshd.options, ...change } }
}

const limits = { minFreeBytes: 0, maxBytes: null }

it('a host whose key nobody has approved is not connected to in every round', async () => {
  const row = rowOf({ hostKeys: [] })
  machine = new FleetMachine(row, limits)
  const rounds = 30
  for (let round = 0; round < rounds; round += 1) {
    await machine.check()
    expect(machine.takeChecked()).toMatchObject({
      contact: { isReached: false, error: expect.stringContaining('nobody has approved') },
      command: { type: 'RecordHostKey' },
    })
    await machine.adjust(row)
  }
  const connections = (await sshd.log()).match(/Connection from/g) ?? []
  expect(connections.length).toBeGreaterThan(0)
  expect(connections.length).toBeLessThan(rounds / 2)
})

it('a machine that changes while it is being opened anew is opened once, as was said last', async () => {
  machine = new FleetMachine(rowOf({ hostKeys: [] }), limits)
  await machine.check()
  const last = rowOf({})
  await Promise.all([machine.adjust(rowOf({ connectTimeoutMs: 1_000 })), machine.adjust(last), machine.adjust(last)])
  await machine.check()
  expect(machine.takeChecked()).toMatchObject({ contact: { isReached: true, error: null } })
  expect(machine.isOffered).toBe(true)
})
