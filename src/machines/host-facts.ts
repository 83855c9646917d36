import type { AgentConnection } from './agent-connection.js'
import { MachineError } from './machine.js'

/** What has to be known of a host before something is started there. */
export interface HostFacts {
  /** `env` can undo what a shell does to background jobs: without it commands ignore SIGINT and SIGQUIT. */
  readonly signalsOption: string | null
  /** Lines in the event file so far. */
  readonly eventLines: number
  /** Absolute, without symbolic links. */
  readonly spool: string
  /** Who commands run as. */
  readonly account: Account
}

/** A line of the host's passwd. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly shell: string
}

/**
 * Asks the agent; `user` null is the agent's own.
 * Throws DENIED when the host has no such user, PROTOCOL when the answer is not understood.
 */
export async function askHostFacts(connection: AgentConnection, user: string | null): Promise<HostFacts> {
  if (user !== null && !isUserName(user)) {
    throw new MachineError('DENIED', `A user is a name in letters, digits, "_", "." and "-": ${user}`, false)
  }
  const reply = await connection.request(`HELLO ${user ?? '-'}`)
  const [signals, lines, spool, passwd] = reply.split('\t')
  if (spool === undefined || passwd === undefined) {
    throw new MachineError('PROTOCOL', `The agent's greeting is not understood: ${reply}`, false)
  }
  if (passwd === '') throw new MachineError('DENIED', `The host has no user ${user}`, false)
  const [name = '', , uid, gid, , home = '/', shell = '/bin/sh'] = passwd.split(':')
  const account = { name, uid: Number(uid), gid: Number(gid), home, shell: shell === '' ? '/bin/sh' : shell }
  return { signalsOption: signals === '-' ? null : (signals ?? null), eventLines: Number(lines), spool, account }
}

/** Whether a user can be called that: a word that means itself to any shell and any program. */
export function isUserName(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(text)
}
