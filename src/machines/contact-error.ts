import type { HostKey } from './host-keys.js'
import { MachineError } from './machine.js'

/**
 * Why a host gave no answer.
 * LOST: contact broke, or an answer did not come in time; what was asked may have happened. With every other reason
 * nothing was asked yet.
 */
export type ContactReason =
  | 'LOST'
  // No connection.
  | 'CONNECT'
  | 'TIMEOUT'
  | 'TOO_MANY_CONNECTIONS'
  | 'TOO_MANY_CHANNELS'
  | 'HANDSHAKE'
  // Host key and login.
  | 'HOST_KEY_UNKNOWN'
  | 'HOST_KEY_CHANGED'
  | 'HOST_KEY_REVOKED'
  | 'PRIVATE_KEY'
  | 'AUTH_REFUSED'
  // A connection, but no agent.
  | 'LOGIN_SHELL'
  | 'NO_TOOL'
  | 'SPOOL'
  | 'SPOOL_FULL'
  | 'ANOTHER_HOST'
  // A login that may not become the user.
  | 'SUDO_PASSWORD'
  | 'SUDO_TTY'
  | 'SUDO_USER'
  | 'SUDO_DENIED'

/** What may pass by itself; all else waits for somebody who mends it. */
const PASSING: ReadonlySet<ContactReason> = new Set([
  'LOST',
  'CONNECT',
  'TIMEOUT',
  'TOO_MANY_CONNECTIONS',
  'TOO_MANY_CHANNELS',
  'SPOOL',
  'SPOOL_FULL',
])

/**
 * The host could not be asked. Its code is UNREACHABLE whatever the reason: an attempt may live there all the same, so
 * this never is an answer about one. `isRetryable`: it may pass without anybody's doing.
 */
export class ContactError extends MachineError {
  override readonly name = 'ContactError'
  /** The key that the host showed, with HOST_KEY_*: what there is to approve, or to warn of. */
  readonly hostKey: HostKey | null

  constructor(
    readonly reason: ContactReason,
    message: string,
    options: ErrorOptions & { readonly hostKey?: HostKey } = {},
  ) {
    super('UNREACHABLE', message, PASSING.has(reason), options)
    this.hostKey = options.hostKey ?? null
  }
}
