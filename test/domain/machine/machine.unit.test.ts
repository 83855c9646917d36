import type { PoolId, ProjectId } from '../../../src/domain/ids.js'
import type { MachineCommand, RegisterMachine } from '../../../src/domain/machine/commands.js'
import type { MachineEvent, MachineHostKey, MachineSettings } from '../../../src/domain/machine/events.js'
import { decideMachine, evolveMachine, type MachineState, NO_MACHINE } from '../../../src/domain/machine/machine.js'
import { isRefused } from '../../../src/domain/rejection.js'
import { checkEventSchemas } from '../../golden/check-event-schemas.js'

const SETTINGS: MachineSettings = {
  poolId: 'pool_1' as PoolId,
  slots: 4,
  labels: ['gpu'],
  allowedRunUsers: ['build'],
  projectIds: ['project_1' as ProjectId],
  isDraining: false,
}
const KEY = keyOf('A')
const OTHER = keyOf('B')
const FACTS = { cpuCount: 2, memoryBytes: 4096, kernel: '6.1', machineId: 'm', spoolId: 's' }
const REGISTER: RegisterMachine = {
  type: 'RegisterMachine',
  name: 'worker',
  host: 'worker.example',
  settings: SETTINGS,
  login: { port: 22, loginUser: 'deploy', keyFingerprint: `SHA256:${'k'.repeat(43)}` },
  hostKeyFingerprint: null,
  offered: KEY,
}
const NOTHING: MachineCommand = { type: 'UpdateMachine', settings: {}, keyFingerprint: null, hostKeyFingerprint: null }

function keyOf(letter: string): MachineHostKey {
  return { keyType: 'ssh-ed25519', key: letter.repeat(8), fingerprint: `SHA256:${letter.repeat(43)}` }
}

/** What each command leads to in turn: event types, or the refusal's code and path. The events obey their schemas. */
function after(...commands: MachineCommand[]): { state: MachineState; answers: string[][]; events: MachineEvent[] } {
  let state = NO_MACHINE
  const events: MachineEvent[] = []
  const answers = commands.map((command) => {
    const decision = decideMachine(command, state)
    if (isRefused(decision)) return decision.rejections.map(({ code, path }) => `${code} ${path.join('.')}`)
    checkEventSchemas(decision)
    state = decision.reduce(evolveMachine, state)
    events.push(...decision)
    return decision.map(({ type }) => type)
  })
  return { state, answers, events }
}

const approve = (key: MachineHostKey): MachineCommand =>
  ({ ...NOTHING, hostKeyFingerprint: key.fingerprint }) as MachineCommand
const shows = (hostKey: MachineHostKey): MachineCommand => ({ type: 'RecordHostKey', hostKey })

it('a host that showed its key waits for approval, of that key and no other', () => {
  const { answers, state } = after(REGISTER, approve(OTHER), approve(KEY), approve(KEY))
  expect(answers).toEqual([
    ['MachineRegistered', 'MachineSettingsChanged', 'MachineLoginChanged', 'MachineHostKeyOffered'],
    ['CONFLICT hostKeyFingerprint'],
    ['MachineHostKeyApproved'],
    [],
  ])
  expect(state).toMatchObject({ status: 'PRESENT', approved: KEY, offered: null })
})

it('a fingerprint that is known in advance is approved; the key itself is learnt when the host shows it', () => {
  const known = { ...REGISTER, hostKeyFingerprint: KEY.fingerprint }
  expect(after(known).state).toMatchObject({ approved: KEY, offered: null })
  expect(after({ ...known, offered: OTHER }).answers).toEqual([['CONFLICT hostKeyFingerprint']])
  const { answers, state } = after({ ...known, offered: null }, shows(KEY), shows(KEY))
  expect(answers.slice(1)).toEqual([['MachineHostKeyApproved'], []])
  expect(state).toMatchObject({ approved: KEY })
  expect(after({ ...known, offered: null }, shows(OTHER)).state.status).toBe('QUARANTINED')
})

it('another key than the approved one quarantines the machine, until one of the two is approved', () => {
  const steps = [REGISTER, approve(KEY), shows(OTHER), shows(OTHER), shows(KEY)]
  const quarantined = after(...steps)
  expect(quarantined.answers.slice(2)).toEqual([['MachineQuarantined'], [], []])
  expect(quarantined.state).toMatchObject({ status: 'QUARANTINED', approved: KEY, offered: OTHER })
  expect(after(...steps, approve(KEY)).state).toMatchObject({ status: 'PRESENT', approved: KEY, offered: null })
  expect(after(...steps, approve(OTHER)).state).toMatchObject({ status: 'PRESENT', approved: OTHER, offered: null })
  expect(after(...steps, approve(keyOf('C'))).answers.at(-1)).toEqual(['CONFLICT hostKeyFingerprint'])
})

it('settings change together, a new login key is named and never shown, what is the same changes nothing', () => {
  const change = { ...NOTHING, settings: { slots: 8, isDraining: true } } as MachineCommand
  const rekey = { ...NOTHING, keyFingerprint: `SHA256:${'n'.repeat(43)}` } as MachineCommand
  const { answers, events } = after(REGISTER, change, change, rekey, NOTHING)
  expect(answers.slice(1)).toEqual([['MachineSettingsChanged'], [], ['MachineLoginChanged'], []])
  expect(events[4]?.data).toEqual({ ...SETTINGS, slots: 8, isDraining: true })
  expect(events[5]?.data).toEqual({ port: 22, loginUser: 'deploy', keyFingerprint: `SHA256:${'n'.repeat(43)}` })
})

it('facts are recorded where they are new; what was removed is over', () => {
  const probed: MachineCommand = { type: 'RecordMachineFacts', facts: FACTS }
  const again: MachineCommand = { type: 'RecordMachineFacts', facts: { ...FACTS, cpuCount: 3 } }
  const remove: MachineCommand = { type: 'RemoveMachine' }
  expect(after(REGISTER, probed, probed, again, remove, remove, NOTHING, probed).answers.slice(1)).toEqual([
    ['MachineProbed'],
    [],
    ['MachineProbed'],
    ['MachineRemoved'],
    [],
    ['NOT_ALLOWED_IN_STATE '],
    ['NOT_ALLOWED_IN_STATE '],
  ])
})

it('a local machine has settings, but neither login nor host key', () => {
  const local: MachineCommand = {
    type: 'RegisterLocalMachine',
    name: 'local',
    host: 'h',
    hostIdentity: 'm/s',
    poolId: SETTINGS.poolId,
    slots: 4,
    cpuCount: 1,
    memoryBytes: 1,
  }
  const change = { ...NOTHING, settings: { slots: 8 } } as MachineCommand
  const rekey = { ...NOTHING, keyFingerprint: REGISTER.login.keyFingerprint } as MachineCommand
  expect(after(local, change, approve(KEY), rekey).answers).toEqual([
    ['MachineRegistered'],
    ['MachineSettingsChanged'],
    ['INVALID hostKeyFingerprint'],
    ['INVALID privateKey'],
  ])
  expect(after(local).events[0]?.data).toMatchObject({ kind: 'LOCAL', hostIdentity: 'm/s' })
})

it('every command needs its machine, and registering needs that there is none', () => {
  for (const command of [NOTHING, shows(KEY), { type: 'RemoveMachine' } as const]) {
    expect(after(command).answers).toEqual([['NOT_FOUND ']])
  }
  expect(after(REGISTER, REGISTER).answers[1]).toEqual(['CONFLICT '])
})

it('every field that breaks a rule is named, with the value', () => {
  const wrong = {
    ...REGISTER,
    name: 'local-2',
    host: '-oProxyCommand=x',
    login: { ...REGISTER.login, port: 0, loginUser: 'a b' },
    settings: { ...SETTINGS, slots: -1, labels: ['a b'], allowedRunUsers: ['root;'], projectIds: ['x' as ProjectId] },
    hostKeyFingerprint: 'MD5:1',
  }
  expect(after(wrong).answers[0]?.map((answer) => answer.split(' ')[1])).toEqual([
    'name',
    'host',
    'port',
    'loginUser',
    'slots',
    'labels.0',
    'allowedRunUsers.0',
    'projectIds.0',
    'hostKeyFingerprint',
  ])
  const many = { ...NOTHING, settings: { labels: Array.from({ length: 101 }, (_, n) => `l${n}`) } } as MachineCommand
  expect(after(REGISTER, many).answers[1]).toEqual(['TOO_LARGE labels'])
  expect(decideMachine(wrong, NO_MACHINE)).toMatchObject({
    rejections: [{ message: expect.stringContaining('"local-2"') }, {}, {}, {}, {}, {}, {}, {}, {}],
  })
})
