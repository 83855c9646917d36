import { ensureCapacity } from '../../src/commands/ensure-capacity.js'
import type { PoolId } from '../../src/domain/ids.js'
import type { MachineCommand } from '../../src/domain/machine/commands.js'
import { rebuild } from '../../src/operations/rebuild.js'
import { newId } from '../../src/platform/ids.js'
import { openTestApi, type TestApi } from '../helpers/api.js'
import { done } from '../helpers/runs.js'

let t: TestApi
beforeAll(async () => {
  t = await openTestApi()
  await ensureCapacity(t.services.database, t.services.bus, 'host of the tests')
})
afterAll(() => t.close())

const keyOf = (letter: string) => ({
  keyType: 'ssh-ed25519',
  key: letter.repeat(8),
  fingerprint: `SHA256:${letter.repeat(43)}`,
})
const NOTHING = { type: 'UpdateMachine', settings: {}, keyFingerprint: null, hostKeyFingerprint: null } as const

/** What can become of a machine, each step with the columns that it changes. */
const STEPS: readonly (readonly [MachineCommand, object])[] = [
  [
    { type: 'RecordHostKey', hostKey: keyOf('A') },
    { offered_host_key_fingerprint: keyOf('A').fingerprint, host_key: null, is_quarantined: false },
  ],
  [
    { ...NOTHING, hostKeyFingerprint: keyOf('A').fingerprint },
    { offered_host_key: null, host_key: 'ssh-ed25519 AAAAAAAA', host_key_fingerprint: keyOf('A').fingerprint },
  ],
  [
    {
      type: 'RecordMachineFacts',
      facts: { cpuCount: 2, memoryBytes: 3e12, kernel: '6.1', machineId: 'm', spoolId: 's' },
    },
    { cpu_count: 2, kernel: '6.1', spool_machine_id: 'm', spool_id: 's' },
  ],
  [
    { ...NOTHING, settings: { slots: 9, labels: ['a', 'b'], isDraining: true } },
    { slots: 9, labels: ['a', 'b'], is_draining: true },
  ],
  [
    { ...NOTHING, keyFingerprint: `SHA256:${'n'.repeat(43)}` },
    { key_fingerprint: `SHA256:${'n'.repeat(43)}`, login_user: 'deploy', port: 2222 },
  ],
  [
    { type: 'RecordHostKey', hostKey: keyOf('B') },
    { is_quarantined: true, offered_host_key: 'ssh-ed25519 BBBBBBBB', host_key: 'ssh-ed25519 AAAAAAAA' },
  ],
  [
    { ...NOTHING, hostKeyFingerprint: keyOf('B').fingerprint },
    { is_quarantined: false, offered_host_key: null, host_key: 'ssh-ed25519 BBBBBBBB', spool_id: null, cpu_count: 2 },
  ],
  [{ type: 'RemoveMachine' }, { removed_at: expect.any(Date), is_draining: true }],
]

it('the rows follow every event, and a replay gives the same rows', async () => {
  const { bus, database } = t.services
  const [pool] = await database.query<{ id: PoolId }>('SELECT id FROM pool')
  const none = { labels: [], allowedRunUsers: [], projectIds: [], isDraining: false }
  const register = (name: string): MachineCommand => ({
    type: 'RegisterMachine',
    name,
    host: 'far.example',
    settings: { poolId: pool?.id as PoolId, slots: 4, ...none },
    login: { port: 2222, loginUser: 'deploy', keyFingerprint: `SHA256:${'k'.repeat(43)}` },
    hostKeyFingerprint: null,
    offered: null,
  })
  const id = newId('machine')
  await done(bus, { aggregate: 'machine', command: register('far') }, id)
  for (const [command, columns] of STEPS) {
    await done(bus, { aggregate: 'machine', command }, id)
    const [row] = await database.query('SELECT * FROM machine WHERE id = $1', [id])
    expect(row).toMatchObject({ name: 'far', kind: 'SSH', ...columns })
  }
  // The name is free again, and another machine stands somewhere in the middle.
  await done(bus, { aggregate: 'machine', command: register('far') }, newId('machine'))
  const { tables } = await rebuild({ ownerUrl: t.db.ownerUrl, isCheck: true })
  expect(tables.find(({ table }) => table === 'machine')).toMatchObject({ liveRows: 3, onlyLive: 0, onlyRebuilt: 0 })
  await rebuild({ ownerUrl: t.db.ownerUrl, isCheck: false })
  const taken = done(bus, { aggregate: 'machine', command: register('far') }, newId('machine'))
  await expect(taken).rejects.toMatchObject({ code: '23505', constraint: 'machine_name' })
})
