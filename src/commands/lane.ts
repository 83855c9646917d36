import { DatabaseError } from 'pg'
import { AmbiguousCommitError } from '../platform/transaction.js'
import type { Claimed, ClaimRequest } from './claim.js'
import { type Command, IdempotencyConflictError, type Outcome, StorageUnavailableError } from './command.js'
import { commitGroup, type GroupDependencies } from './commit-group.js'

interface Waiting {
  readonly command: Command
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: unknown) => void
}

interface WaitingClaim {
  readonly request: ClaimRequest
  readonly resolve: (claimed: readonly Claimed[]) => void
  readonly reject: (error: unknown) => void
}

const MAX_COMMANDS = 500

/** How long a group whose COMMIT went unanswered waits for the database to answer again, and how often it asks. */
const RECONNECT = { tries: 40, delayMs: 250 }

/**
 * One transaction at a time. Commands that come while it is in flight gather and are committed together: under load
 * many share one COMMIT, and a lone one waits for nobody.
 *
 * If a group fails its commands are done again one by one, so that one bad command fails alone. After a COMMIT whose
 * answer was lost they are done again, too: their keys, or the fences they name, keep them from happening twice.
 */
export class Lane {
  readonly #waiting: Waiting[] = []
  readonly #claims: WaitingClaim[] = []
  #isRunning = false
  #idle: Promise<void> = Promise.resolve()

  constructor(
    private readonly dependencies: GroupDependencies,
    /** Called after every commit that appended, with the journal's head. */
    private readonly onCommit: (head: number) => void,
  ) {}

  /** Done when it is durable. Rejects with StorageUnavailableError, IdempotencyConflictError or a constraint's error. */
  execute(command: Command): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, resolve, reject })
      this.#wake()
    })
  }

  /** Work for a dispatcher; empty when there is none that fits. Joins the commands that wait at this moment. */
  claim(request: ClaimRequest): Promise<readonly Claimed[]> {
    return new Promise((resolve, reject) => {
      this.#claims.push({ request, resolve, reject })
      this.#wake()
    })
  }

  /** Resolves when nothing is under way. */
  async drained(): Promise<void> {
    while (this.#isRunning) await this.#idle
  }

  #wake(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    // A turn of the event loop gathers what arrives in the same breath.
    this.#idle = new Promise((resolve) => setImmediate(() => void this.#run().finally(resolve)))
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0 || this.#claims.length > 0) {
      await this.#commit(this.#waiting.splice(0, MAX_COMMANDS), this.#claims.shift() ?? null)
    }
    this.#isRunning = false
  }

  async #commit(commands: Waiting[], claim: WaitingClaim | null): Promise<void> {
    try {
      await this.#attempt(commands, claim)
    } catch (error) {
      if (error instanceof AmbiguousCommitError) return this.#oneByOne(commands, claim, error, RECONNECT.tries)
      if (!(error instanceof DatabaseError) || commands.length + (claim ? 1 : 0) <= 1)
        return rejectAll(commands, claim, error)
      await this.#oneByOne(commands, claim, error, 0)
    }
  }

  async #attempt(commands: Waiting[], claim: WaitingClaim | null): Promise<void> {
    const group = { commands: commands.map(({ command }) => command), claim: claim?.request ?? null }
    const { outcomes, claimed, head } = await commitGroup(group, this.dependencies)
    if (head !== null) this.onCommit(head)
    outcomes.forEach((outcome, index) => {
      const { resolve, reject } = commands[index] as Waiting
      if (outcome instanceof IdempotencyConflictError) reject(outcome)
      else resolve(outcome)
    })
    this.#waiting.unshift(...commands.slice(outcomes.length))
    claim?.resolve(claimed)
  }

  /** `tries`: how often a lost connection is forgiven, in all. A claim is not repeated: its dispatcher asks again. */
  async #oneByOne(commands: Waiting[], claim: WaitingClaim | null, cause: unknown, tries: number): Promise<void> {
    claim?.reject(cause)
    let left = tries
    for (const waiting of commands) {
      for (;;) {
        try {
          await this.#attempt([waiting], null)
          break
        } catch (error) {
          if (error instanceof DatabaseError || left <= 0) {
            rejectAll([waiting], null, error)
            break
          }
          left -= 1
          await new Promise((resolve) => setTimeout(resolve, RECONNECT.delayMs))
        }
      }
    }
  }
}

function rejectAll(commands: readonly Waiting[], claim: WaitingClaim | null, error: unknown): void {
  const reason = error instanceof DatabaseError ? error : wrapped(error)
  for (const { reject } of commands) reject(reason)
  claim?.reject(reason)
}

/** An error of the connection is the database's absence; any other is a bug and stays what it is. */
function wrapped(error: unknown): unknown {
  const isNetwork = error instanceof AmbiguousCommitError || (error instanceof Error && isConnectionError(error))
  return isNetwork ? new StorageUnavailableError({ cause: error }) : error
}

function isConnectionError(error: Error): boolean {
  const { code } = error as { code?: string }
  return (
    /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH)/.test(code ?? '') ||
    /connection (terminated|error)|Client has/i.test(error.message)
  )
}
