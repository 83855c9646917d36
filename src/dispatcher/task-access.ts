import type { AttemptRef } from '../machines/machine.js'
import type { TaskAccess } from './dispatcher.js'

export interface TaskAccessOptions {
  /** Where every machine reaches the API; null: only this host does, if it serves the API at all. */
  readonly url: string | null
  readonly host: string
  readonly port: number
  readonly servesApi: boolean
  /** Of this host. */
  readonly localId: string
  readonly tokenOf: (attempt: AttemptRef) => string
}

/** Where an attempt reaches its run's cache. A port that the system chooses is not known beforehand: then nowhere. */
export function taskAccessOf(options: TaskAccessOptions): TaskAccess {
  const { url, host, port, servesApi, localId, tokenOf } = options
  const here = servesApi && port !== 0 ? `http://${hostFor(host)}:${port}` : null
  return (assignment) => {
    const reached = url ?? (assignment.machineId === localId ? here : null)
    return reached === null ? null : { url: reached, token: tokenOf(assignment) }
  }
}

/** Who listens on all addresses is reached on this host's own. */
function hostFor(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
