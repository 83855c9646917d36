import { monotonicMs } from '../platform/clock.js'
import { AmbiguousCommitError } from '../platform/transaction.js'
import { Skips } from '../queue/skips.js'
import type { Claimed, ClaimRequest } from './claim.js'
import { type Command, IdempotencyConflictError, type Outcome, StorageUnavailableError } from './command.js'
import { commitGroup, type GroupDependencies, type GroupResult } from './commit-group.js'
import { isOutage, retriesAfter } from './failure.js'

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

/** How long commands whose COMMIT went unanswered wait, in all, for the database to answer again. */
const RECONNECT = { forMs: 10_000, delayMs: 250 }

/**
 * One transaction at a time. Commands that come while it is in flight gather and are committed together: under load
 * many share one COMMIT, and a lone one waits for nobody.
 *
 * If a group fails its commands are done again one by one, so that one bad command fails alone. After a COMMIT whose
 * answer was lost they are done again, too: their keys, or the fences they name, keep them from happening twice. A
 * database that went away before COMMIT has stored nothing; that is said at once.
 */
export class Lane {
  readonly #waiting: Waiting[] = []
  readonly #claims: WaitingClaim[] = []
  readonly #skips = new Skips()
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
      // What the answers lead to joins the next group: the end of one instance and the claim of the next share a commit.
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#isRunning = false
  }

  async #commit(commands: Waiting[], claim: WaitingClaim | null): Promise<void> {
    const failure = await this.#attempt(commands, claim)
    if (failure === null) return
    const { error } = failure
    claim?.reject(reasonOf(error))
    const isAlone = commands.length === 1 && claim === null
    const isLost = isOutage(error) ? !(error instanceof AmbiguousCommitError) : isAlone && retriesAfter(error) === 0
    if (isLost) for (const { reject } of commands) reject(reasonOf(error))
    else await this.#oneByOne(commands)
  }

  /** Null when it is done; else nothing is settled. */
  async #attempt(commands: Waiting[], claim: WaitingClaim | null): Promise<{ readonly error: unknown } | null> {
    const group = {
      commands: commands.map(({ command }) => command),
      claim: claim?.request ?? null,
      skips: this.#skips,
    }
    let result: GroupResult
    try {
      result = await commitGroup(group, this.dependencies)
    } catch (error) {
      return { error }
    }
    this.#settle(commands, claim, result)
    return null
  }

  #settle(commands: Waiting[], claim: WaitingClaim | null, { outcomes, claimed, head }: GroupResult): void {
    this.#waiting.unshift(...commands.slice(outcomes.length))
    // Before any caller goes on, but apart: what is committed must not look failed because a listener throws.
    if (head !== null) queueMicrotask(() => this.onCommit(head))
    outcomes.forEach((outcome, index) => {
      const { resolve, reject } = commands[index] as Waiting
      if (outcome instanceof IdempotencyConflictError) reject(outcome)
      else resolve(outcome)
    })
    claim?.resolve(claimed)
  }

  /** A claim is not repeated: its dispatcher asks again, and finds in the tables what the lost one took. */
  async #oneByOne(commands: readonly Waiting[]): Promise<void> {
    const patienceEnds = monotonicMs() + RECONNECT.forMs
    for (const waiting of commands) {
      for (let retries = 0; ; ) {
        const failure = await this.#attempt([waiting], null)
        if (failure === null) break
        if (isOutage(failure.error) && monotonicMs() < patienceEnds) {
          await new Promise((resolve) => setTimeout(resolve, RECONNECT.delayMs))
        } else if (retries < retriesAfter(failure.error)) {
          retries += 1
        } else {
          waiting.reject(reasonOf(failure.error))
          break
        }
      }
    }
  }
}

/** An outage is the database's absence; anything else is what it is: a constraint's error, or a bug. */
function reasonOf(error: unknown): unknown {
  return isOutage(error) ? new StorageUnavailableError({ cause: error }) : error
}
