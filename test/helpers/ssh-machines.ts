import type { CommandBus } from '../../src/commands/command-bus.js'
import { registerMachine } from '../../src/commands/register-machine.js'
import type { CommandId, MachineId, PoolId } from '../../src/domain/ids.js'
import type { MachineSettings } from '../../src/domain/machine/events.js'
import type { Database } from '../../src/platform/database.js'
import { createEncryption } from '../../src/platform/encryption.js'
import { newId } from '../../src/platform/ids.js'
import { secretKey } from './secret-key.js'
import type { Sshd } from './sshd.js'

/** Registers the host of that sshd in the pool `default`, its key approved in advance. Throws when it is refused. */
export async function registerSsh(
  bus: CommandBus,
  database: Database,
  name: string,
  sshd: Sshd,
  settings: Partial<MachineSettings> = {},
): Promise<MachineId> {
  const [pool] = await database.query<{ id: PoolId }>("SELECT id FROM pool WHERE name = 'default'")
  const { host, port, login: loginUser, privateKey } = sshd.options
  const none = { slots: 8, labels: [], allowedRunUsers: [], projectIds: [], isDraining: false }
  const address = {
    name,
    host,
    port,
    loginUser,
    privateKey,
    hostKeyFingerprint: sshd.hostKey.fingerprint,
    knownHosts: null,
  }
  const machine = { ...address, settings: { poolId: pool?.id as PoolId, ...none, ...settings } }
  const body = await registerMachine(machine, createEncryption(secretKey), new Date())
  if ('rejections' in body) throw new Error(JSON.stringify(body))
  const cause = { actor: 'system', correlationId: null, causationId: null, once: null }
  const command = { ...body.command, ...cause, id: newId('command') as CommandId, streamId: body.streamId }
  const outcome = await bus.execute({ ...command, beside: body.beside } as Parameters<CommandBus['execute']>[0])
  if ('rejections' in outcome) throw new Error(JSON.stringify(outcome))
  return body.streamId
}
