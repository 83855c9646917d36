import { type Flow, openFlow } from '../../helpers/flow.js'
import { makeKeyPair, type Sshd, startSshd } from '../../helpers/sshd.js'
import { until } from '../../helpers/until.js'

let f: Flow
let sshd: Sshd
const FIELDS =
  'machine { id name host port loginUser status isDraining slots labels allowedRunUsers projects { name } pool { name } hostKeyFingerprint offeredHostKeyFingerprint lastError lastSeenAt cpuCount kernel }'

beforeAll(async () => {
  ;[f, sshd] = await Promise.all([openFlow(), startSshd()])
})
afterAll(async () => {
  await f.close()
  await sshd.stop()
})

const types: Record<string, string> = {
  registerMachine: 'RegisterMachineInput',
  updateMachine: 'UpdateMachineInput',
  removeMachine: 'RemoveMachineInput',
  probeMachine: 'ProbeMachineInput',
}
const change = (mutation: string, input: object, token?: string) =>
  f.change(mutation, types[mutation] as string, input, FIELDS, token)

function machineOf(name: string, more: object = {}) {
  const { host, port, login: loginUser, privateKey } = sshd.options
  return { name, host, port, loginUser, privateKey, ...more }
}

/** Asks until it answers: a busy machine may take longer than a probe waits. */
const reached = (machineId: string) =>
  until('the machine to answer', async () => {
    const { machine } = await change('probeMachine', { machineId })
    return machine.status === 'ONLINE' ? machine : null
  })

async function eventsOf(machineId: string): Promise<string[]> {
  const sql = 'SELECT type FROM event WHERE stream_id = $1 ORDER BY version'
  return (await f.db.owner.query<{ type: string }>(sql, [machineId])).map(({ type }) => type)
}

test('a new host shows its key, is not online until that is approved, and is then asked what it is', async () => {
  const { machine } = await change('registerMachine', machineOf('first', { labels: ['gpu'], slots: 2 }))
  const shown = { offeredHostKeyFingerprint: sshd.hostKey.fingerprint, hostKeyFingerprint: null }
  expect(machine).toMatchObject({ ...shown, status: 'OFFLINE', labels: ['gpu'], slots: 2, pool: { name: 'default' } })
  const unapproved = await change('probeMachine', { machineId: machine.id })
  expect(unapproved).toMatchObject({ userErrors: [], machine: { ...shown, status: 'OFFLINE', cpuCount: null } })
  expect(unapproved.machine.lastError).toContain('nobody has approved')
  const approved = await change('updateMachine', {
    machineId: machine.id,
    hostKeyFingerprint: sshd.hostKey.fingerprint,
  })
  expect(approved.machine).toMatchObject({
    offeredHostKeyFingerprint: null,
    hostKeyFingerprint: sshd.hostKey.fingerprint,
  })
  const probed = await reached(machine.id)
  expect(probed).toMatchObject({ status: 'ONLINE', lastError: null, kernel: expect.stringMatching(/^\d/) })
  expect(probed.cpuCount).toBeGreaterThan(0)
  expect(await eventsOf(machine.id)).toEqual([
    'MachineRegistered',
    'MachineSettingsChanged',
    'MachineLoginChanged',
    'MachineHostKeyOffered',
    'MachineHostKeyApproved',
    'MachineProbed',
  ])
})

test('the private key is in no event, no answer and no row as it is', async () => {
  const { machine } = await change('registerMachine', machineOf('secretive', { idempotencyKey: 'k' }))
  expect(JSON.stringify(machine)).not.toContain('PRIVATE KEY')
  const [middle = ''] = sshd.options.privateKey.split('\n').slice(2)
  for (const table of ['event', 'machine', 'machine_key', 'command_result']) {
    const [row] = await f.db.owner.query<{ text: string }>(
      `SELECT coalesce(string_agg(t::text, ''), '') AS text FROM ${table} t`,
    )
    expect(row?.text).not.toContain(middle)
    expect(row?.text).not.toContain('PRIVATE KEY')
  }
  const [key] = await f.db.owner.query<{ sealed: Buffer }>('SELECT sealed FROM machine_key WHERE machine_id = $1', [
    machine.id,
  ])
  expect(key?.sealed.includes(middle)).toBe(false)
  const again = await change('registerMachine', machineOf('secretive', { idempotencyKey: 'k' }))
  expect(again.machine.id).toBe(machine.id)
})

test('a changed host key quarantines the machine; it is not contacted until the new key is approved', async () => {
  const known = { hostKeyFingerprint: sshd.hostKey.fingerprint }
  const { machine } = await change('registerMachine', machineOf('changing', known))
  await reached(machine.id)
  await sshd.restart({ hostKey: 'NEW' })
  const { machine: quarantined } = await change('probeMachine', { machineId: machine.id })
  expect(quarantined).toMatchObject({ status: 'QUARANTINED', offeredHostKeyFingerprint: sshd.hostKey.fingerprint })
  expect(await change('probeMachine', { machineId: machine.id })).toMatchObject({
    machine: null,
    userErrors: [{ code: 'NOT_ALLOWED_IN_STATE', path: ['machineId'] }],
  })
  const approval = { machineId: machine.id, hostKeyFingerprint: sshd.hostKey.fingerprint }
  expect((await change('updateMachine', approval)).machine.status).not.toBe('QUARANTINED')
  await reached(machine.id)
})

test('what is wrong with an input is named: field, rule, value', async () => {
  const cases: [object, string, string][] = [
    [machineOf('a b'), 'INVALID', 'name'],
    [machineOf('x', { privateKey: 'no key' }), 'INVALID', 'privateKey'],
    [machineOf('x', { privateKey: makeKeyPair('ed25519', 'words').private }), 'INVALID', 'privateKey'],
    [machineOf('x', { privateKey: makeKeyPair().public }), 'INVALID', 'privateKey'],
    [machineOf('x', { privateKey: null }), 'REQUIRED', 'privateKey'],
    [machineOf('x', { port: 70_000 }), 'INVALID', 'port'],
    [machineOf('x', { slots: -1 }), 'INVALID', 'slots'],
    [machineOf('x', { poolId: 'pool_x' }), 'NOT_FOUND', 'poolId'],
    [machineOf('x', { projectIds: ['project_x'] }), 'NOT_FOUND', 'projectIds.0'],
    [machineOf('x', { hostKeyFingerprint: makeFingerprint() }), 'CONFLICT', 'hostKeyFingerprint'],
  ]
  for (const [input, code, path] of cases) {
    const { userErrors } = await change('registerMachine', input)
    expect(
      userErrors.map((error: { code: string; path: string[] }) => `${error.code} ${error.path.join('.')}`),
    ).toEqual([`${code} ${path}`])
    expect(userErrors[0].message).toMatch(/given|must|not there/)
    expect(userErrors[0].message).not.toContain('PRIVATE KEY')
  }
})

test('known_hosts approve what they have for the host, and what is wrong with them is named by its lines', async () => {
  const { host, port } = sshd.options
  const { type, key, fingerprint } = sshd.hostKey
  const line = `[${host}]:${port} ${type} ${key}`
  const other = makeKeyPair().public
  const { machine } = await change('registerMachine', machineOf('known', { knownHosts: `# mine\n${line} comment\n` }))
  expect(machine).toMatchObject({ hostKeyFingerprint: fingerprint, offeredHostKeyFingerprint: null })
  const first = await change('registerMachine', machineOf('updated'))
  const update = { machineId: first.machine.id, knownHosts: `${line}\nelsewhere ${other}` }
  expect((await change('updateMachine', update)).machine).toMatchObject({ hostKeyFingerprint: fingerprint })
  const cases: [string, object, string][] = [
    [`elsewhere ${other}`, {}, 'INVALID'],
    [`[${host}]:${port} ${other}`, {}, 'CONFLICT'],
    [`${line}\n@revoked [${host}]:${port} ${type} ${key}`, {}, 'INVALID'],
    [`[${host}]:${port} ${other}\n@revoked * ${type} ${key}`, {}, 'CONFLICT'],
    ['x'.repeat(40_001), {}, 'TOO_LARGE'],
    [line, { hostKeyFingerprint: fingerprint }, 'INVALID'],
  ]
  for (const [knownHosts, more, code] of cases) {
    for (const [mutation, input] of [
      ['registerMachine', machineOf('x', { knownHosts, ...more })],
      ['updateMachine', { machineId: machine.id, knownHosts, ...more }],
    ] as const) {
      expect((await change(mutation, input)).userErrors).toMatchObject([{ code, path: ['knownHosts'] }])
    }
  }
  const torn = `${line}\nelsewhere torn\n\n@revoked [${host}]:${port} ${type} AAAA`
  const { userErrors } = await change('registerMachine', machineOf('x', { knownHosts: torn }))
  expect(userErrors[0].message).toContain('line 4: The key is not one of type')
  expect(userErrors[0].message).not.toContain('line 2')
})

test('what was removed is gone from the lists with its key, and its name is free', async () => {
  const { machine } = await change('registerMachine', machineOf('passing'))
  expect((await change('registerMachine', machineOf('passing'))).userErrors).toMatchObject([
    { code: 'TAKEN', path: ['name'] },
  ])
  expect(await change('removeMachine', { machineId: machine.id })).toMatchObject({ userErrors: [] })
  expect((await f.get('{ machine(name: "passing") { id } }')).machine).toBe(null)
  expect((await f.get('{ machines { nodes { name } } }')).machines.nodes).not.toContainEqual({ name: 'passing' })
  expect(await f.db.owner.query('SELECT FROM machine_key WHERE machine_id = $1', [machine.id])).toHaveLength(0)
  expect((await change('registerMachine', machineOf('passing'))).userErrors).toEqual([])
})

test('changing machines is for the permission `machines` or an ADMIN; reading them for whoever is signed in', async () => {
  const guest = await f.makeUser('guest')
  const keeper = await f.makeUser('keeper', { permissions: ['machines'] })
  const document = 'mutation ($input: RegisterMachineInput!) { registerMachine(input: $input) { machine { id } } }'
  const ask = (token: string) => f.ask(document, { token, variables: { input: machineOf('kept') } })
  expect((await ask(guest.token)).errors[0]?.extensions.code).toBe('FORBIDDEN')
  expect((await ask(keeper.token)).data.registerMachine.machine.id).toMatch(/^machine_/)
  expect((await f.get('{ machine(name: "kept") { host } }', {}, guest.token)).machine).toEqual({ host: '127.0.0.1' })
})

test('who sees no project of a machine takes it from none', async () => {
  const keeper = await f.makeUser('blind-keeper', { permissions: ['machines'] })
  const projectIds = [await f.project('unseen')]
  const { machine } = await change('registerMachine', machineOf('restricted', { projectIds }))
  const { machine: kept } = await change('updateMachine', { machineId: machine.id, projectIds: [] }, keeper.token)
  expect(kept.projects).toEqual([])
  const { machine: seen } = await f.get('{ machine(name: "restricted") { projects { name } } }')
  expect(seen.projects).toEqual([{ name: 'unseen' }])
})

function makeFingerprint(): string {
  return `SHA256:${'x'.repeat(43)}`
}

test('a task that is to run as another user must name a machine that allows it', async () => {
  await change('registerMachine', machineOf('becoming', { allowedRunUsers: ['build'] }))
  const projectId = await f.project('users')
  const problems = async (task: object) => {
    const source = JSON.stringify({ name: 'u', tasks: { t: { run: 'id', ...task } } })
    const selection = 'problems { message path }'
    const payload = await f.change('publishDag', 'PublishDagInput', { projectId, source }, selection)
    return payload.problems
  }
  expect(await problems({ user: 'build', machine: 'becoming' })).toEqual([])
  const where = { first: { user: 'build', machine: 'becoming' }, any: {}, own: { labels: ['gpu', 'big'] } }
  const tasks = Object.fromEntries(Object.entries(where).map(([name, one]) => [name, { run: 'id', ...one }]))
  const noop = { noop: {} }
  const source = JSON.stringify({ name: 'where', defaults: { labels: ['ssd'] }, tasks: { ...tasks, noop } })
  const selection = 'dagVersion { tasks { nodes { key runUser machineLabels } } }'
  const { dagVersion } = await f.change('publishDag', 'PublishDagInput', { projectId, source }, selection)
  expect(dagVersion.tasks.nodes).toEqual([
    { key: 'first', runUser: 'build', machineLabels: [] },
    { key: 'any', runUser: null, machineLabels: ['ssd'] },
    { key: 'own', runUser: null, machineLabels: ['gpu', 'big'] },
    { key: 'noop', runUser: null, machineLabels: [] },
  ])
  expect(await problems({ user: 'other', machine: 'becoming' })).toEqual([
    { message: 'Task t may not run on machine becoming as other', path: ['tasks', 't', 'user'] },
  ])
  expect(await problems({ user: 'build' })).toMatchObject([{ path: ['tasks', 't', 'user'] }])
})
