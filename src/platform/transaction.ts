import { DatabaseError, type Pool, type PoolClient, type QueryResult } from 'pg'
import { sendAll, sendTogether } from './send-together.js'
import type { Statement } from './statement.js'

export interface TransactionOptions {
  readonly isolation?: 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE'
  readonly isReadOnly?: boolean
}

/** What a transaction ends with: its last statements, and what their answers come to. */
export interface LastStatements<T> {
  /** None: there is nothing to commit, and the transaction is rolled back. */
  readonly statements: readonly Statement[]
  value(last: QueryResult | null): T
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
  let result: T
  try {
    await tx.query(beginText(options))
    result = await work(tx)
  } catch (error) {
    await rollback(tx)
    throw error
  }
  await concluded(tx, tx.query('COMMIT'))
  return result
}

/**
 * The same in two round trips, on a connection opened with `isPipelined`: BEGIN goes with the first statements that the
 * work sends, COMMIT with the last ones, which it returns. `onSent` is called when these are on their way. As nothing is
 * awaited between them, a process that freezes then holds no lock for longer than the database needs; and a connection
 * that is lost then leaves unknown whether it is committed (AmbiguousCommitError). The first statements must be harmless
 * outside of a transaction: they are sent before BEGIN is known to have succeeded.
 */
export async function runPipelined<T>(
  pool: Pool,
  work: (tx: PoolClient) => Promise<LastStatements<T>>,
  onSent: () => void,
): Promise<T> {
  const tx = await pool.connect()
  let last: LastStatements<T>
  try {
    const [begun, working] = sendTogether(tx, () => [tx.query(BEGIN), work(tx)] as const)
    begun.catch(() => undefined)
    last = await working
    await begun
  } catch (error) {
    await rollback(tx)
    throw error
  }
  const answers = sendAll(tx, last.statements)
  try {
    await areSent(answers)
  } catch (error) {
    // Closed: the client no longer knows which of its named statements the server has.
    tx.release(asError(error))
    throw error
  }
  if (answers.length > 0) return committed(tx, answers, last, onSent)
  await rollback(tx)
  return last.value(null)
}

/** By name: under any other isolation the append would read the head from an old snapshot, and fail. */
const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED'

/** Throws when a statement could not even be written out (a value that has no text): the others must not be committed. */
async function areSent(answers: readonly Promise<unknown>[]): Promise<void> {
  const refusals: unknown[] = []
  for (const answer of answers) answer.catch((error: unknown) => refusals.push(error))
  // The client refuses at once or in the next tick; the server cannot be so quick.
  for (let turn = 0; turn < 2; turn += 1) await new Promise<void>((resolve) => process.nextTick(resolve))
  if (refusals.length > 0) throw refusals[0]
}

async function committed<T>(
  tx: PoolClient,
  answers: readonly Promise<QueryResult>[],
  { value }: LastStatements<T>,
  onSent: () => void,
): Promise<T> {
  const commitment = tx.query('COMMIT')
  commitment.catch(() => undefined)
  onSent()
  let last: QueryResult | undefined
  try {
    last = (await allOrCause(answers)).at(-1)
  } catch (error) {
    // What the server refused it does not commit, even if it dies of it.
    if (!(error instanceof DatabaseError)) return lost(tx, error)
    await commitment.then(
      () => tx.release(),
      (gone: unknown) => tx.release(asError(gone)),
    )
    throw error
  }
  await concluded(tx, commitment)
  return value(last ?? null)
}

const ABORTED_TRANSACTION = '25P02'

/**
 * Their answers, or what failed first: what was sent behind it only says that the transaction is aborted. It does not wait
 * for the rest otherwise, for of a connection that broke not every statement gets an answer.
 */
export async function allOrCause<Sent extends readonly Promise<unknown>[] | []>(
  sent: Sent,
): Promise<{ -readonly [At in keyof Sent]: Awaited<Sent[At]> }> {
  try {
    return await Promise.all(sent)
  } catch (error) {
    if ((error as { code?: string }).code !== ABORTED_TRANSACTION) throw error
    const settled = await Promise.allSettled(sent)
    const errors = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    throw errors.find(({ code }) => code !== ABORTED_TRANSACTION) ?? error
  }
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
async function concluded(tx: PoolClient, commitment: Promise<{ command: string }>): Promise<void> {
  let answer: { command: string }
  try {
    answer = await commitment
  } catch (error) {
    if (!(error instanceof DatabaseError)) return lost(tx, error)
    if (await rollback(tx)) throw error
    throw new AmbiguousCommitError({ cause: error })
  }
  tx.release()
  if (answer.command !== 'COMMIT') throw new AbortedTransactionError()
}

function lost(tx: PoolClient, error: unknown): never {
  tx.release(asError(error))
  throw new AmbiguousCommitError({ cause: error })
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
