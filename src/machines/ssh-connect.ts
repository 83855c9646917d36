import { connect, type Socket } from 'node:net'
import { NodeSSH } from 'node-ssh'
import type { Client } from 'ssh2'
import { ContactError } from './contact-error.js'
import { type HostKey, hostKeyOf, judgeHostKey } from './host-keys.js'
import type { LoginKey } from './login-key.js'
import { safeAlgorithms } from './ssh-algorithms.js'
import { connectError } from './ssh-errors.js'

/** Where a host is, who we are there, and which host it is. */
export interface SshTarget {
  readonly host: string
  readonly port: number
  readonly login: string
  readonly key: LoginKey
  /** The keys that the host may show; with none the first contact is refused and names the key to approve. */
  readonly hostKeys: readonly HostKey[]
  readonly revokedHostKeys?: readonly HostKey[] | undefined
  /** A host with several keys is asked for one of the same type as these. Default: as `hostKeys`. */
  readonly likeHostKeys?: readonly HostKey[] | undefined
}

/** A host that let us in, and the socket below. */
export interface SshLink {
  readonly client: Client
  readonly socket: Socket
}

/**
 * Connects, looks at the host's key, and only then logs in. Throws ContactError within `connectTimeoutMs`, whatever the host
 * does, or when the signal aborts.
 */
export async function connectSsh(
  target: SshTarget,
  times: { readonly connectTimeoutMs: number; readonly keepaliveMs: number },
  signal: AbortSignal,
): Promise<SshLink> {
  const gate = new HostKeyGate(target)
  const ssh = new NodeSSH()
  const socket = connect({ host: target.host, port: target.port, noDelay: true, keepAlive: true })
  const end = endsIn(times.connectTimeoutMs, signal)
  try {
    const connecting = ssh.connect({
      sock: socket,
      username: target.login,
      agent: target.key,
      authHandler: ['agent'],
      algorithms: safeAlgorithms(target.likeHostKeys ?? target.hostKeys),
      hostVerifier: (key: Buffer) => gate.admits(key),
      // Ours is over everything, names included.
      readyTimeout: 0,
      // Only the pings: SshConnection listens whether anything comes back.
      keepaliveInterval: times.keepaliveMs,
      keepaliveCountMax: Number.MAX_SAFE_INTEGER,
    })
    const client = ssh.connection as Client
    // An error after the one that rejects, or after 'ready', must not end the process.
    client.on('error', () => {})
    client.setMaxListeners(0)
    const head = headOf(socket)
    await Promise.race([connecting, end.reached]).catch((error: Error) => {
      throw gate.refusal ?? connectError(error, target, head())
    })
    return { client, socket }
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    end.cancel()
  }
}

class HostKeyGate {
  refusal: ContactError | null = null

  constructor(private readonly target: SshTarget) {}

  admits(blob: Buffer): boolean {
    const { host, port, hostKeys, revokedHostKeys } = this.target
    const hostKey = hostKeyOf(blob)
    if (hostKey === null) return false
    const verdict = judgeHostKey(hostKey, hostKeys, revokedHostKeys)
    if (verdict === 'PINNED') return true
    const rule = {
      UNKNOWN: 'shows a key that nobody has approved yet',
      CHANGED: 'shows another key than the approved one',
      REVOKED: 'shows a key that was revoked',
    }[verdict]
    const message = `${host}:${port} ${rule}: ${hostKey.type} ${hostKey.fingerprint}`
    this.refusal = new ContactError(`HOST_KEY_${verdict}`, message, { hostKey })
    return false
  }
}

/** The first bytes that the host sent, as text: a refusal may be all that there is. */
function headOf(socket: Socket): () => string {
  let head = ''
  const take = (chunk: Buffer) => {
    head += chunk.toString('latin1', 0, 256)
    if (head.length >= 256) socket.off('data', take)
  }
  socket.on('data', take)
  return () => head
}

function endsIn(timeoutMs: number, signal: AbortSignal): { reached: Promise<never>; cancel: () => void } {
  const { promise, reject } = withReject()
  const timer = setTimeout(
    () => reject(new ContactError('TIMEOUT', `No SSH connection was made within ${timeoutMs} ms`)),
    timeoutMs,
  )
  const abort = () => reject(new ContactError('CONNECT', 'The machine is closed'))
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  promise.catch(() => {})
  return {
    reached: promise,
    cancel: () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    },
  }
}

function withReject(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<never>((_, no) => {
    reject = no
  })
  return { promise, reject }
}
