import os from 'node:os'
import { DatabaseError } from 'pg'
import type { CommandId, MachineId, PoolId } from '../domain/ids.js'
import type { Database } from '../platform/database.js'
import { newId } from '../platform/ids.js'
import type { Addressed, Command } from './command.js'
import type { CommandBus } from './command-bus.js'

/** A machine as dispatchers know it. */
export interface LocalMachineRow {
  readonly id: MachineId
  readonly name: string
}

const DEFAULT = 'default'
const QUEUE_CAPACITY = 1_000
const SLOTS_PER_CPU = 4

/**
 * What every installation has: pool and queue `default`, and this host as machine `local` (`local-<hostname>` where
 * another host has that name already). Servers that start at once make each only once.
 */
export async function ensureCapacity(
  database: Database,
  bus: CommandBus,
  hostIdentity: string,
): Promise<LocalMachineRow> {
  const cpuCount = os.availableParallelism()
  const memoryBytes = os.totalmem()
  const poolId = (await ensure(database, bus, 'pool', DEFAULT, () => ({
    aggregate: 'pool',
    command: { type: 'CreatePool', name: DEFAULT, totalCpu: cpuCount, totalMemoryBytes: memoryBytes },
  }))) as PoolId
  await ensure(database, bus, 'queue', DEFAULT, () => ({
    aggregate: 'queue',
    command: { type: 'CreateQueue', name: DEFAULT, capacity: QUEUE_CAPACITY, priority: 0, poolId },
  }))
  const settings = {
    hostIdentity,
    poolId,
    slots: SLOTS_PER_CPU * cpuCount,
    cpuCount,
    memoryBytes,
  }
  for (let number = 0; ; number += 1) {
    const mine = await machineOf(database, hostIdentity)
    if (mine !== null) return mine
    const name = ['local', `local-${os.hostname()}`][number] ?? `local-${os.hostname()}-${number}`
    await ensure(database, bus, 'machine', name, () => ({
      aggregate: 'machine',
      command: { type: 'RegisterLocalMachine', name, host: os.hostname(), ...settings },
    }))
  }
}

const BY_HOST = 'SELECT id, name FROM machine WHERE host_identity = $1::text AND removed_at IS NULL ORDER BY id LIMIT 1'

async function machineOf(database: Database, hostIdentity: string): Promise<LocalMachineRow | null> {
  return (await database.query<LocalMachineRow>(BY_HOST, [hostIdentity]))[0] ?? null
}

/** Names of what was removed are free. */
const LIVE = { pool: '', queue: '', machine: ' AND removed_at IS NULL' } as const

const UNIQUE_VIOLATION = '23505'

/** The id of the one with that name; made now if there is none. */
async function ensure(
  database: Database,
  bus: CommandBus,
  noun: 'pool' | 'queue' | 'machine',
  name: string,
  addressed: () => Addressed,
): Promise<string> {
  const find = async () =>
    (await database.query<{ id: string }>(`SELECT id FROM ${noun} WHERE name = $1${LIVE[noun]}`, [name]))[0]?.id
  const found = await find()
  if (found !== undefined) return found
  const streamId = newId(noun)
  const cause = { actor: 'system', correlationId: null, causationId: null, once: null }
  const command: Command = { ...addressed(), id: newId('command') as CommandId, streamId, ...cause }
  try {
    await bus.execute(command)
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== UNIQUE_VIOLATION) throw error
  }
  return (await find()) as string
}
