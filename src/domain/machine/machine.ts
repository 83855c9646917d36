import { assertNever } from '../assert-never.js'
import { type Decision, type Refused, refuse } from '../rejection.js'
import { isSame } from '../same.js'
import type { MachineCommand, RegisterMachine, UpdateMachine } from './commands.js'
import type {
  ApprovedHostKey,
  MachineEvent,
  MachineFacts,
  MachineHostKey,
  MachineKind,
  MachineLogin,
  MachineSettings,
} from './events.js'
import { addressProblems, fingerprintProblems, loginProblems, settingsProblems } from './machine-rules.js'

/** One stream per machine. A local machine belongs to the host that registered it. */
export type MachineState =
  | { readonly status: 'NONE' }
  | PresentMachine
  /** For ever; its name is free again. */
  | { readonly status: 'REMOVED' }

/** QUARANTINED: its host showed another key than the approved one, and nothing is sent to it. */
export interface PresentMachine {
  readonly status: 'PRESENT' | 'QUARANTINED'
  readonly kind: MachineKind
  readonly settings: MachineSettings
  /** Null for a local one. */
  readonly login: MachineLogin | null
  readonly approved: ApprovedHostKey | null
  /** Shown by the host, and not approved. */
  readonly offered: MachineHostKey | null
  readonly facts: MachineFacts | null
}

export const NO_MACHINE: MachineState = { status: 'NONE' }

export function decideMachine(command: MachineCommand, state: MachineState): Decision<MachineEvent> {
  if (command.type === 'RegisterLocalMachine' || command.type === 'RegisterMachine') {
    if (state.status !== 'NONE') return refuse('CONFLICT', 'The machine exists already')
    return command.type === 'RegisterMachine' ? register(command) : registerLocal(command)
  }
  if (state.status === 'NONE') return refuse('NOT_FOUND', 'The machine is not there')
  if (state.status === 'REMOVED') {
    return command.type === 'RemoveMachine' ? [] : refuse('NOT_ALLOWED_IN_STATE', 'The machine was removed')
  }
  switch (command.type) {
    case 'UpdateMachine':
      return update(command, state)
    case 'RecordHostKey':
      return recordHostKey(command.hostKey, state)
    case 'RecordMachineFacts':
      return isSame(command.facts, state.facts) ? [] : [{ type: 'MachineProbed', data: command.facts }]
    case 'RemoveMachine':
      return [{ type: 'MachineRemoved', data: {} }]
    default:
      return assertNever(command)
  }
}

export function evolveMachine(state: MachineState, event: MachineEvent): MachineState {
  if (event.type === 'MachineRegistered') {
    const { kind, poolId, slots } = event.data
    const settings = { poolId, slots, labels: [], allowedRunUsers: [], projectIds: [], isDraining: false }
    return { status: 'PRESENT', kind, settings, login: null, approved: null, offered: null, facts: null }
  }
  if (event.type === 'MachineRemoved') return { status: 'REMOVED' }
  if (state.status !== 'PRESENT' && state.status !== 'QUARANTINED') return state
  switch (event.type) {
    case 'MachineSettingsChanged':
      return { ...state, settings: event.data }
    case 'MachineLoginChanged':
      return { ...state, login: event.data }
    case 'MachineHostKeyOffered':
      return { ...state, offered: event.data }
    case 'MachineHostKeyApproved':
      // A host with another key may be another host, or the same one made anew.
      return { ...state, status: 'PRESENT', approved: event.data, offered: null, facts: null }
    case 'MachineQuarantined':
      return { ...state, status: 'QUARANTINED', offered: event.data.offered }
    case 'MachineProbed':
      return { ...state, facts: event.data }
    default:
      return assertNever(event)
  }
}

function registerLocal(command: Extract<MachineCommand, { type: 'RegisterLocalMachine' }>): MachineEvent[] {
  const { type: _, ...data } = command
  return [{ type: 'MachineRegistered', data: { kind: 'LOCAL', ...data } }]
}

function register(command: RegisterMachine): Decision<MachineEvent> {
  const { name, host, settings, login, hostKeyFingerprint, offered } = command
  const problems = [
    ...addressProblems(name, host),
    ...loginProblems(login),
    ...settingsProblems(settings),
    ...fingerprintProblems(hostKeyFingerprint),
  ]
  if (problems.length > 0) return { rejections: problems }
  if (hostKeyFingerprint !== null && offered !== null && offered.fingerprint !== hostKeyFingerprint) {
    return refuseHostKey(hostKeyFingerprint, offered)
  }
  const { poolId, slots } = settings
  const known = {
    name,
    kind: 'SSH',
    host,
    hostIdentity: null,
    poolId,
    slots,
    cpuCount: null,
    memoryBytes: null,
  } as const
  return [
    { type: 'MachineRegistered', data: known },
    { type: 'MachineSettingsChanged', data: settings },
    { type: 'MachineLoginChanged', data: login },
    ...(offered === null ? [] : [{ type: 'MachineHostKeyOffered', data: offered } as const]),
    ...(hostKeyFingerprint === null ? [] : [approvalOf(hostKeyFingerprint, offered)]),
  ]
}

function update({ settings, keyFingerprint, hostKeyFingerprint }: UpdateMachine, state: PresentMachine) {
  const problems = [...settingsProblems(settings), ...fingerprintProblems(hostKeyFingerprint)]
  if (problems.length > 0) return { rejections: problems }
  if (state.login === null && (keyFingerprint !== null || hostKeyFingerprint !== null)) {
    const field = keyFingerprint === null ? 'hostKeyFingerprint' : 'privateKey'
    return refuse('INVALID', `Machine ${field} is for machines over SSH; this one is local`, [field])
  }
  const approved = hostKeyFingerprint === null ? [] : approve(hostKeyFingerprint, state)
  if ('rejections' in approved) return approved
  const changed = { ...state.settings, ...settings }
  const events: MachineEvent[] = [...approved]
  if (!isSame(changed, state.settings)) events.push({ type: 'MachineSettingsChanged', data: changed })
  if (keyFingerprint !== null && state.login !== null) {
    events.push({ type: 'MachineLoginChanged', data: { ...state.login, keyFingerprint } })
  }
  return events
}

/**
 * Of a host that has shown a key only that one can be approved, or again the one that was; before it showed any, a
 * fingerprint is taken in advance.
 */
function approve(fingerprint: string, { approved, offered, status }: PresentMachine): Decision<MachineEvent> {
  if (approved?.fingerprint === fingerprint) {
    return status === 'PRESENT' ? [] : [{ type: 'MachineHostKeyApproved', data: approved }]
  }
  if (offered !== null && offered.fingerprint !== fingerprint) return refuseHostKey(fingerprint, offered)
  return [approvalOf(fingerprint, offered)]
}

function recordHostKey(hostKey: MachineHostKey, state: PresentMachine): Decision<MachineEvent> {
  const { approved, offered } = state
  if (approved !== null && approved.fingerprint === hostKey.fingerprint) {
    // Shown again after a quarantine it still needs a person: whoever sat in between may come back.
    return approved.key === null ? [approvalOf(hostKey.fingerprint, hostKey)] : []
  }
  if (isSame(hostKey, offered)) return []
  if (approved === null) return [{ type: 'MachineHostKeyOffered', data: hostKey }]
  return [{ type: 'MachineQuarantined', data: { approved: approved.fingerprint, offered: hostKey } }]
}

function approvalOf(fingerprint: string, offered: MachineHostKey | null): MachineEvent {
  const { keyType = null, key = null } = offered ?? {}
  return { type: 'MachineHostKeyApproved', data: { keyType, key, fingerprint } }
}

function refuseHostKey(given: string, { keyType, fingerprint }: MachineHostKey): Refused {
  const message = `Machine hostKeyFingerprint must be that of the key the host shows (${keyType} ${fingerprint}), given ${given}`
  return refuse('CONFLICT', message, ['hostKeyFingerprint'])
}
