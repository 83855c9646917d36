import type { MachineCommand } from '../domain/machine/commands.js'
import { probe } from '../machines/probe.js'
import { SshHost } from '../machines/ssh.js'
import type { Database } from '../platform/database.js'
import { recordContacts } from '../queue/machine-contact.js'
import { probeCommand, type SshMachineRow } from './ssh-machine.js'

const CONNECT_MS = 5_000
const ANSWER_MS = 8_000

/**
 * Asks a host what it is, over a connection of its own, and notes whether it answered. Answers with what the journal is to
 * be told; null: nothing. A quarantined machine must not be asked.
 */
export async function probeMachine(database: Database, machine: SshMachineRow): Promise<MachineCommand | null> {
  const { id: machineId, host, identity } = machine
  if (host === null) {
    await recordContacts(database.pool, [{ machineId, isReached: false, error: UNREADABLE_KEY }])
    return null
  }
  const times = { connectTimeoutMs: CONNECT_MS, greetingTimeoutMs: CONNECT_MS, requestTimeoutMs: ANSWER_MS }
  const ssh = new SshHost({ ...host, ...times })
  try {
    const probed = await probe(ssh.machine({ user: null, identity: identity ?? undefined }))
    const isReached = probed.kind === 'REACHED'
    await recordContacts(database.pool, [{ machineId, isReached, error: isReached ? null : probed.message }])
    return probeCommand(probed)
  } finally {
    await ssh.close()
  }
}

/** What a machine shows whose private key was encrypted with another secret key. */
export const UNREADABLE_KEY = 'Its private key cannot be read with the secret key of this server: give it a new one'
