import { knownFingerprint, readKnownHost } from '../../commands/known-host.js'
import type { NewMachine } from '../../commands/register-machine.js'
import type { PoolId, ProjectId } from '../../domain/ids.js'
import type { MachineSettings } from '../../domain/machine/events.js'
import type { MachineRow } from '../../projections/capacity/capacity-rows.js'
import { defaultPool, keptFor, unknownReferences } from '../capacity/references.js'
import type { Context } from '../context.js'
import { given } from '../mutate.js'
import { type UserError, userError, userErrorsOf } from '../user-error.js'
import type { RegisterMachineInput, UpdateMachineInput } from './machine.input.js'

const SSH_PORT = 22
const SLOTS = 4
const ONE_OF_TWO = userError('INVALID', 'Machine knownHosts must not be given with hostKeyFingerprint', 'knownHosts')

/** What is to be registered, with every default; or what is wrong with it. */
export async function newMachineOf(input: RegisterMachineInput, context: Context): Promise<NewMachine | UserError[]> {
  const { name, host, port, loginUser, privateKey, hostKeyFingerprint = null, knownHosts = null } = input
  if (hostKeyFingerprint !== null && knownHosts !== null) return [ONE_OF_TWO]
  if (!privateKey)
    return [userError('REQUIRED', 'Machine privateKey must be given: the login has no other way in', 'privateKey')]
  const given = await settingsOf(input, context)
  if (isUserErrors(given)) return given
  const poolId = given.poolId ?? (await defaultPool(context))
  const none = { slots: SLOTS, labels: [], allowedRunUsers: [], projectIds: [], isDraining: false }
  const settings: MachineSettings = { ...none, ...given, poolId }
  return { name, host, port: port ?? SSH_PORT, loginUser, privateKey, hostKeyFingerprint, knownHosts, settings }
}

/** The fingerprint that an update approves, given as such or by known_hosts; null: none. */
export function approvalIn(input: UpdateMachineInput, machine: MachineRow): string | null | UserError[] {
  const { hostKeyFingerprint = null, knownHosts = null } = input
  if (knownHosts === null) return hostKeyFingerprint
  if (hostKeyFingerprint !== null) return [ONE_OF_TWO]
  const known = readKnownHost(knownHosts, machine.host, machine.port)
  if ('rejections' in known) return userErrorsOf(known)
  const shown = machine.offeredHostKeyFingerprint ?? machine.hostKeyFingerprint
  const fingerprint = knownFingerprint(known, shown)
  return typeof fingerprint === 'string' ? fingerprint : userErrorsOf(fingerprint)
}

/** The settings that are given; or which of them name what is not there. `before`: the projects that it was kept for. */
export async function settingsOf(
  input: RegisterMachineInput | UpdateMachineInput,
  context: Context,
  before: readonly string[] = [],
): Promise<Partial<MachineSettings> | UserError[]> {
  const { slots, labels, allowedRunUsers, poolId, projectIds } = input
  const unknown = await unknownReferences(poolId ?? null, projectIds ?? [], context)
  if (unknown.length > 0) return unknown
  const isDraining = 'isDraining' in input ? input.isDraining : null
  const projects = projectIds && (await keptFor(before, projectIds, context))
  const settings = { slots, labels, allowedRunUsers, poolId: poolId as PoolId, projectIds: projects as ProjectId[] }
  return given({ ...settings, isDraining })
}

/** Whether an answer of these functions says what is wrong. */
export function isUserErrors(answer: object): answer is UserError[] {
  return Array.isArray(answer)
}
