import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { KEEP_POOLS } from '../../commands/change-pools.js'
import { probeMachine } from '../../commands/probe-machine.js'
import { keyFingerprintOf, registerMachine } from '../../commands/register-machine.js'
import { deleteMachineKey, readSshMachines, writeMachineKey } from '../../commands/ssh-machine.js'
import type { MachineId } from '../../domain/ids.js'
import type { MachineRow } from '../../projections/capacity/capacity-rows.js'
import { getMachineLoads } from '../../projections/capacity/get-use.js'
import { Access } from '../access-rule.js'
import { authorize } from '../authorize.js'
import { Machine } from '../capacity/capacity.type.js'
import { loadMachine } from '../capacity/load-capacity.js'
import type { Context } from '../context.js'
import { type Changed, mutate } from '../mutate.js'
import { type UserError, userError, userErrorsOf } from '../user-error.js'
import {
  MachinePayload,
  ProbeMachineInput,
  RegisterMachineInput,
  RemoveMachineInput,
  UpdateMachineInput,
} from './machine.input.js'
import { approvalIn, isUserErrors, newMachineOf, settingsOf } from './machine-settings.js'

@Resolver(() => Machine)
export class MachineChangesResolver {
  @Access('action:manageMachines')
  @Mutation(() => MachinePayload, {
    description: 'Registers a host over SSH. It is contacted once; without a known host key it waits for approval.',
  })
  async registerMachine(
    @Arg('input', () => RegisterMachineInput) input: RegisterMachineInput,
    @Ctx() context: Context,
  ): Promise<MachinePayload> {
    authorize(context, 'manageMachines')
    const machine = await newMachineOf(input, context)
    if (isUserErrors(machine)) return refused(machine)
    const { encryption, clock } = context.services
    const body = await registerMachine(machine, encryption, clock.now())
    if ('rejections' in body) return refused(userErrorsOf(body))
    const beside = [body.beside, KEEP_POOLS]
    const change = { mutation: 'registerMachine', input: withoutKey(input), ...body, beside }
    return payloadOf(context, await mutate(context, change))
  }

  @Access('action:manageMachines')
  @Mutation(() => MachinePayload, { description: 'Changes settings, replaces the private key, approves a host key.' })
  async updateMachine(
    @Arg('input', () => UpdateMachineInput) input: UpdateMachineInput,
    @Ctx() context: Context,
  ): Promise<MachinePayload> {
    authorize(context, 'manageMachines')
    const machine = await loadMachine(input.machineId, context)
    if (machine === null) return notThere(input.machineId)
    const settings = await settingsOf(input, context, machine.projectIds)
    if (isUserErrors(settings)) return refused(settings)
    const keyFingerprint = input.privateKey ? keyFingerprintOf(input.privateKey) : null
    if (keyFingerprint !== null && typeof keyFingerprint !== 'string') return refused(userErrorsOf(keyFingerprint))
    const { encryption, clock } = context.services
    const streamId = machine.id as MachineId
    const key = input.privateKey ? [writeMachineKey(streamId, input.privateKey, encryption, clock.now())] : []
    const beside = [...key, KEEP_POOLS]
    const hostKeyFingerprint = approvalIn(input, machine)
    if (Array.isArray(hostKeyFingerprint)) return refused(hostKeyFingerprint)
    const command = { type: 'UpdateMachine', settings, keyFingerprint, hostKeyFingerprint } as const
    const change = { mutation: 'updateMachine', input: withoutKey(input), streamId, beside }
    return payloadOf(context, await mutate(context, { ...change, command: { aggregate: 'machine', command } }))
  }

  @Access('action:manageMachines')
  @Mutation(() => MachinePayload, {
    description: 'Takes a machine away for ever, and its key. Its name is free again.',
  })
  async removeMachine(
    @Arg('input', () => RemoveMachineInput) input: RemoveMachineInput,
    @Ctx() context: Context,
  ): Promise<MachinePayload> {
    authorize(context, 'manageMachines')
    const machine = await loadMachine(input.machineId, context)
    if (machine === null) return notThere(input.machineId)
    const busy = await busyErrors(machine, context)
    if (busy.length > 0) return refused(busy)
    const streamId = machine.id as MachineId
    const change = { mutation: 'removeMachine', input, streamId, beside: deleteMachineKey(streamId) }
    const command = { aggregate: 'machine', command: { type: 'RemoveMachine' } } as const
    return payloadOf(context, await mutate(context, { ...change, command }))
  }

  @Access('action:manageMachines')
  @Mutation(() => MachinePayload, {
    description: 'Contacts the host now. What it is, or the key that it shows, is recorded; `lastError` says why not.',
  })
  async probeMachine(
    @Arg('input', () => ProbeMachineInput) input: ProbeMachineInput,
    @Ctx() context: Context,
  ): Promise<MachinePayload> {
    authorize(context, 'manageMachines')
    const { database, encryption } = context.services
    const machine = await loadMachine(input.machineId, context)
    if (machine === null) return notThere(input.machineId)
    if (machine.isQuarantined) return refused([quarantined(machine)])
    const [target] = await readSshMachines(database.pool, encryption, [machine.id])
    const command = target === undefined ? null : await probeMachine(database, target)
    context.loaders.clear()
    if (command === null) return { machine: await loadMachine(machine.id, context), userErrors: [], position: null }
    const change = { mutation: 'probeMachine', input, streamId: machine.id }
    return payloadOf(context, await mutate(context, { ...change, command: { aggregate: 'machine', command } }))
  }
}

async function busyErrors({ id, name }: MachineRow, context: Context): Promise<UserError[]> {
  const count = (await getMachineLoads(context.services.database.pool, [id])).get(id) ?? 0
  if (count === 0) return []
  const rule = `must have no instances left to be removed, given ${count}: set isDraining and wait`
  return [userError('NOT_ALLOWED_IN_STATE', `Machine ${name} ${rule}`, 'machineId')]
}

function quarantined({ name, offeredHostKeyFingerprint }: MachineRow): UserError {
  const rule = `is quarantined: its host shows another key (${offeredHostKeyFingerprint}), which updateMachine can approve`
  return userError('NOT_ALLOWED_IN_STATE', `Machine ${name} ${rule}`, 'machineId')
}

/** A secret stays out of what is kept with an idempotency key; its hash alone tells one from another. */
function withoutKey<Input extends { privateKey?: string | null }>(input: Input): Input {
  if (!input.privateKey) return input
  const fingerprint = keyFingerprintOf(input.privateKey)
  return { ...input, privateKey: typeof fingerprint === 'string' ? fingerprint : null }
}

function notThere(machineId: string): MachinePayload {
  return refused([userError('NOT_FOUND', `Machine ${machineId} is not there`, 'machineId')])
}

function refused(userErrors: UserError[]): MachinePayload {
  return { machine: null, userErrors, position: null }
}

async function payloadOf(context: Context, { streamId, userErrors, position }: Changed): Promise<MachinePayload> {
  return { machine: streamId === null ? null : await loadMachine(streamId, context), userErrors, position }
}
