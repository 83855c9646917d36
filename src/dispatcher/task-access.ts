import type { AttemptRef } from '../machines/machine.js'
import type { TaskAccess } from './dispatcher.js'

/** Where this server listens, once it does. */
export interface OwnAddress {
  address: string | null
}

export interface TaskAccessOptions {
  /** Where every machine reaches the API; null: only this host does, if it serves the API at all. */
  readonly url: string | null
  readonly host: string
  readonly port: number
  readonly servesApi: boolean
  readonly own: OwnAddress
  /** Of this host. */
  readonly localId: string
  readonly tokenOf: (attempt: AttemptRef) => string
}

/** Where an attempt reaches its run's cache. A port that the system chooses is only known once the API listens. */
export function taskAccessOf(options: TaskAccessOptions): TaskAccess {
  const { url, host, port, servesApi, own, localId, tokenOf } = options
  const here = () => (port === 0 ? own.address : servesApi ? `http://${hostFor(host)}:${port}` : null)
  return (assignment) => {
    const reached = url ?? (assignment.machineId === localId ? here() : null)
    // What has begun may have its token from a server that knew an address: it has to be masked.
    return reached === null && !assignment.isStarted ? null : { url: reached, token: tokenOf(assignment) }
  }
}

/** Who listens on all addresses is reached on this host's own. */
function hostFor(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
