import { DatabaseError } from 'pg'
import { AmbiguousCommitError } from '../platform/transaction.js'

/** 08: the connection; 25P03: sat idle in its transaction; 57P: the server stops, crashed, or is starting. */
const OUTAGES = /^(08...|25P03|53300|57P01|57P02|57P03|57P05)$/
const NETWORK =
  /^(E(NOENT|CONN|NOTCONN|PIPE|TIMEDOUT|HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN|NETRESET|NOTFOUND|AI_AGAIN)|ERR_STREAM_DESTROYED|ERR_STREAM_WRITE_AFTER_END|ERR_SOCKET_CLOSED)/
const CLIENT =
  /connection (terminated|error)|timeout exceeded when trying to connect|Query read timeout|Client (has|was closed)/i

/** The database is not there at the moment: any other command would fail as well. */
export function isOutage(error: unknown): boolean {
  if (error instanceof AmbiguousCommitError) return true
  if (error instanceof DatabaseError) return OUTAGES.test(error.code ?? '')
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  return NETWORK.test(String(code)) || CLIENT.test(String(message))
}

/**
 * How often a command that met this error is worth another try at once. A unique value that another transaction has just
 * taken may be this command's own key, or its own rows from a COMMIT that went unanswered: once more tells. A stream that
 * moved on, or a deadlock, was somebody else's turn.
 */
export function retriesAfter(error: unknown): number {
  const { code } = error instanceof DatabaseError ? error : { code: '' }
  if (code === '23505') return 1
  return code === '40001' || code === '40P01' ? 5 : 0
}
