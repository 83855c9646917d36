import type { Socket } from 'node:net'
import type { ClientBase, QueryResult } from 'pg'
import type { Statement } from './statement.js'

/**
 * What is sent on the connection before this returns goes out in one write: for short statements a write each takes
 * longer than anything else about them (60 us).
 */
export function sendTogether<T>(tx: ClientBase, send: () => T): T {
  const stream = streamOf(tx)
  stream.cork()
  try {
    return send()
  } finally {
    stream.uncork()
  }
}

/** Enough to keep the server busy while the next statements are written out. */
const FLUSH_BYTES = 64 * 1_024

/** Sends the statements one behind the other on a pipelined connection. Each answers for itself. */
export function sendAll(tx: ClientBase, statements: readonly Statement[]): Promise<QueryResult>[] {
  const stream = streamOf(tx)
  return sendTogether(tx, () =>
    statements.map((statement) => {
      const answer = tx.query(statement)
      if (stream.writableLength > FLUSH_BYTES) {
        stream.uncork()
        stream.cork()
      }
      return answer
    }),
  )
}

function streamOf(tx: ClientBase): Socket {
  return (tx as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream
}
