import { DatabaseError, type Pool, type PoolClient } from 'pg'

export interface TransactionOptions {
  readonly isolation?: 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE'
  readonly isReadOnly?: boolean
  /**
   * Does not wait for BEGIN's answer before the first statement: one round trip less. Needs a database opened with
   * `isPipelined`.
   */
  readonly isEager?: boolean
}

/**
 * The connection was lost while COMMIT was on its way: the transaction is either wholly committed or not at all, and
 * nobody has said which. Ask for the command's result by its id before doing it again.
 */
export class AmbiguousCommitError extends Error {
  override readonly name = 'AmbiguousCommitError'
  readonly code = 'AMBIGUOUS_COMMIT'
  constructor(options: ErrorOptions) {
    super('Commit was sent and its answer was lost: it may or may not have happened', options)
  }
}

/** The work returned although one of its statements had failed, so COMMIT rolled back. A bug in the work. */
export class AbortedTransactionError extends Error {
  override readonly name = 'AbortedTransactionError'
  readonly code = 'TRANSACTION_ABORTED'
  constructor() {
    super('Transaction was rolled back at COMMIT: a statement in it had failed and its error was swallowed')
  }
}

/**
 * Runs the work between BEGIN and COMMIT on one connection. Any error but AmbiguousCommitError means that nothing of
 * it is stored: the work's own error comes out as it is.
 */
export async function runTransaction<T>(
  pool: Pool,
  work: (tx: PoolClient) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const tx = await pool.connect()
  const begun = tx.query(beginText(options))
  let result: T
  try {
    if (options.isEager) begun.catch(() => undefined)
    else await begun
    result = await work(tx)
    await begun
  } catch (error) {
    const beginError = await begun.then(() => null, asError)
    await rollback(tx)
    // BEGIN itself was refused, so the eager statements behind it ran, and stay, one by one.
    if (options.isEager && beginError instanceof DatabaseError) throw new AmbiguousCommitError({ cause: beginError })
    throw error
  }
  await commit(tx)
  return result
}

function beginText({ isolation, isReadOnly }: TransactionOptions): string {
  return ['BEGIN', isolation && `ISOLATION LEVEL ${isolation}`, isReadOnly && 'READ ONLY'].filter(Boolean).join(' ')
}

/** Gives the connection back clean; one that cannot even roll back is closed, which the server takes for a ROLLBACK. */
async function rollback(tx: PoolClient): Promise<boolean> {
  try {
    await tx.query('ROLLBACK')
    tx.release()
    return true
  } catch (error) {
    tx.release(asError(error))
    return false
  }
}

/**
 * An error at COMMIT is the server's "no" (a deferred constraint, a serialisation failure) only when the connection
 * still answers afterwards; a FATAL or PANIC, or a cut line, says nothing of what was written before it.
 */
async function commit(tx: PoolClient): Promise<void> {
  let answer: { command: string }
  try {
    answer = await tx.query('COMMIT')
  } catch (error) {
    if ((await rollback(tx)) && error instanceof DatabaseError) throw error
    throw new AmbiguousCommitError({ cause: error })
  }
  tx.release()
  if (answer.command !== 'COMMIT') throw new AbortedTransactionError()
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
