import type { MachineId } from '../domain/ids.js'
import type { MachineLogin, MachineSettings } from '../domain/machine/events.js'
import { type Refused, refuse } from '../domain/rejection.js'
import { ContactError } from '../machines/contact-error.js'
import type { HostKey } from '../machines/host-keys.js'
import { privateKeyFingerprint } from '../machines/private-key.js'
import { probe } from '../machines/probe.js'
import { SshHost } from '../machines/ssh.js'
import type { Encryption } from '../platform/encryption.js'
import { newId } from '../platform/ids.js'
import type { Statement } from '../platform/statement.js'
import type { Addressed } from './command.js'
import { knownFingerprint, readKnownHost } from './known-host.js'
import { machineHostKey, writeMachineKey } from './ssh-machine.js'

/** A machine over SSH to be. */
export interface NewMachine {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly loginUser: string
  readonly privateKey: string
  readonly hostKeyFingerprint: string | null
  /** Text of a known_hosts file, which approves what the fingerprint would; null: there is none. */
  readonly knownHosts: string | null
  readonly settings: MachineSettings
}

/** Of the first contact: somebody waits for the answer. */
const CONNECT_MS = 5_000
const MAX_KEY = 20_000

/**
 * Makes a machine, or says what is wrong with it. Its host is contacted once, for the key that it shows: nobody logs in.
 * One that cannot be reached is registered all the same, and shows its key when a dispatcher reaches it.
 */
export async function registerMachine(
  machine: NewMachine,
  encryption: Encryption,
  now: Date,
): Promise<{ streamId: MachineId; command: Addressed; beside: Statement } | Refused> {
  const { name, host, port, loginUser, privateKey, settings, knownHosts } = machine
  const keyFingerprint = keyFingerprintOf(privateKey)
  if (typeof keyFingerprint !== 'string') return keyFingerprint
  const login: MachineLogin = { port, loginUser, keyFingerprint }
  const streamId = newId('machine') as string as MachineId
  const known = knownHosts === null ? null : readKnownHost(knownHosts, host, port)
  if (known !== null && 'rejections' in known) return known
  const offered = await shownHostKey(machine, known?.pinned)
  const fingerprint =
    known === null ? machine.hostKeyFingerprint : knownFingerprint(known, offered?.fingerprint ?? null)
  if (fingerprint !== null && typeof fingerprint !== 'string') return fingerprint
  const hostKeyFingerprint = fingerprint
  const command = { type: 'RegisterMachine', name, host, settings, login, hostKeyFingerprint, offered } as const
  return {
    streamId,
    command: { aggregate: 'machine', command },
    beside: writeMachineKey(streamId, privateKey, encryption, now),
  }
}

/** Of the public half; a refusal for what is no key. */
export function keyFingerprintOf(privateKey: string): string | Refused {
  if (privateKey.length > MAX_KEY) {
    const rule = `must have at most ${MAX_KEY} characters, given ${privateKey.length}`
    return refuse('TOO_LARGE', `Machine privateKey ${rule}`, ['privateKey'])
  }
  try {
    return privateKeyFingerprint(privateKey)
  } catch (error) {
    if (!(error instanceof ContactError)) throw error
    const rule = 'must be a private key in OpenSSH or PEM form without a passphrase'
    return refuse('INVALID', `Machine privateKey ${rule}, given ${privateKey.length} characters that are none`, [
      'privateKey',
    ])
  }
}

/** With no key pinned the host is refused as soon as it has shown its own. */
async function shownHostKey(
  { host, port, loginUser: login, privateKey }: NewMachine,
  likeHostKeys: readonly HostKey[] | undefined,
) {
  if (host.length === 0 || !(port >= 1 && port <= 65_535)) return null
  const ssh = new SshHost({ host, port, login, privateKey, hostKeys: [], likeHostKeys, connectTimeoutMs: CONNECT_MS })
  try {
    const probed = await probe(ssh.machine({ user: null }))
    return probed.kind === 'HOST_KEY' ? machineHostKey(probed.hostKey) : null
  } finally {
    await ssh.close()
  }
}
