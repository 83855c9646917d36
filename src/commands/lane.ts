import { monotonicMs } from '../platform/clock.js'
import { AmbiguousCommitError } from '../platform/transaction.js'
import { Skips } from '../queue/skips.js'
import { Turns } from '../queue/turns.js'
import type { Claimed, ClaimRequest } from './claim.js'
import { type Command, IdempotencyConflictError, type Outcome, StorageUnavailableError } from './command.js'
import { isOutage, retriesAfter } from './failure.js'
import { Group, type GroupDependencies, type GroupResult } from './group.js'

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

/** A group on its way into the database, and who waits for it. */
interface Flight {
  /** Without those that it has left for the next group, once it is sent. */
  readonly commands: readonly Waiting[]
  readonly claim: WaitingClaim | null
  /** Its decisions stand, and it needs nothing more from this process; or it has landed. */
  readonly sent: Promise<unknown>
  /** What went wrong; null: it is done, and everybody is told. */
  readonly landed: Promise<{ readonly error: unknown } | null>
}

/** The group that comes next, and who waits for it. */
interface Gathered {
  readonly group: Group
  readonly commands: Waiting[]
}

const MAX_COMMANDS = 500
/** Decided in one go; between them the group on its way is heard. */
const MAX_AT_ONCE = 64
/**
 * Events of what nobody had time to decide until the group before had landed: the rest is decided while these are on
 * their way, or else this process and the database would wait for each other.
 */
const MAX_LATE_EVENTS = 250

/** How long commands whose COMMIT went unanswered wait, in all, for the database to answer again. */
const RECONNECT = { forMs: 10_000, delayMs: 250 }

/**
 * One transaction at a time. Commands that come while it is on its way gather and are committed together: under load
 * many share one COMMIT, and a lone one waits for nobody. Meanwhile they are decided ahead, so that this process and the
 * database work at the same time.
 *
 * If a group fails its commands are done again one by one, so that one bad command fails alone. After a COMMIT whose
 * answer was lost they are done again, too: their keys, or the fences they name, keep them from happening twice. A
 * database that went away before COMMIT has stored nothing; that is said at once.
 */
export class Lane {
  readonly #waiting: Waiting[] = []
  readonly #claims: WaitingClaim[] = []
  readonly #skips = new Skips()
  readonly #turns = new Turns()
  #hearOfArrival: () => void = () => undefined
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
    this.#hearOfArrival()
    if (this.#isRunning) return
    this.#isRunning = true
    // A turn of the event loop gathers what arrives in the same breath.
    this.#idle = nextTurn().then(() => this.#run())
  }

  async #run(): Promise<void> {
    let flight: Flight | null = null
    while (flight !== null || this.#waiting.length > 0 || this.#claims.length > 0) {
      const gathered: Gathered = { group: new Group(this.dependencies), commands: [] }
      if (flight !== null) {
        await this.#gather(gathered, flight)
        await this.#land(flight)
        // What the answers lead to joins this group: the end of one instance and the claim of the next share a commit.
        await nextTurn()
      }
      if (gathered.commands.length === 0) await this.#take(gathered, MAX_COMMANDS, MAX_LATE_EVENTS)
      flight = this.#launch(gathered)
      await flight?.sent
    }
    this.#isRunning = false
  }

  /** Decides what has come, and what comes, until the group before has landed. */
  async #gather(gathered: Gathered, { landed }: Flight): Promise<void> {
    let isLanded = false
    void landed.then(() => {
      isLanded = true
      this.#hearOfArrival()
    })
    while (!isLanded) {
      const room = gathered.group.isFull ? 0 : MAX_COMMANDS - gathered.commands.length
      if (room > 0 && this.#waiting.length > 0) {
        await this.#take(gathered, Math.min(MAX_AT_ONCE, room), Number.POSITIVE_INFINITY)
        await nextTurn()
      } else {
        await new Promise<void>((resolve) => {
          this.#hearOfArrival = resolve
        })
      }
    }
  }

  async #take({ group, commands }: Gathered, maxCommands: number, maxEvents: number): Promise<void> {
    const offered = this.#waiting.slice(0, maxCommands).map(({ command }) => command)
    const taken = await group.foresee(offered, maxEvents)
    commands.push(...this.#waiting.splice(0, taken))
  }

  /** Null: there is nothing to do. */
  #launch({ group, commands }: Gathered): Flight | null {
    const claim = this.#claims.shift() ?? null
    if (commands.length === 0 && claim === null) return null
    let isSent: () => void = () => undefined
    const sent = new Promise<void>((resolve) => {
      isSent = resolve
    })
    const groupClaim = claim && { request: claim.request, skips: this.#skips, turns: this.#turns }
    const onSent = () => {
      this.#waiting.unshift(...commands.splice(group.decidedCount))
      isSent()
    }
    const landed = group.commit(groupClaim, onSent).then(
      (result) => {
        this.#settle(commands, claim, result)
        return null
      },
      (error: unknown) => ({ error }),
    )
    return { commands, claim, sent: Promise.race([sent, landed]), landed }
  }

  /** Does again what failed. What the next group has decided on it, the locks will show to be so or not. */
  async #land({ commands, claim, landed }: Flight): Promise<void> {
    const failure = await landed
    if (failure === null) return
    const { error } = failure
    const isAlone = commands.length === 1 && claim === null
    const isLost = isOutage(error) ? !(error instanceof AmbiguousCommitError) : isAlone && retriesAfter(error) === 0
    if (isLost) for (const { reject } of commands) reject(reasonOf(error))
    const isTheirs = !isLost && (await this.#oneByOne(commands)) > 0
    // After a lost COMMIT a claim is not made again: its dispatcher finds in the tables what it took.
    if (claim !== null && isTheirs && !isOutage(error)) this.#claims.unshift(claim)
    else claim?.reject(reasonOf(error))
  }

  #settle(commands: readonly Waiting[], claim: WaitingClaim | null, { outcomes, claimed, head }: GroupResult): void {
    // Before any caller goes on, but apart: what is committed must not look failed because a listener throws.
    if (head !== null) queueMicrotask(() => this.onCommit(head))
    outcomes.forEach((outcome, index) => {
      const { resolve, reject } = commands[index] as Waiting
      if (outcome instanceof IdempotencyConflictError) reject(outcome)
      else resolve(outcome)
    })
    if (claim === null) return
    if (claimed === null) this.#claims.unshift(claim)
    else claim.resolve(claimed)
  }

  /** Answers how many of them fail alone, too. */
  async #oneByOne(commands: readonly Waiting[]): Promise<number> {
    const patienceEnds = monotonicMs() + RECONNECT.forMs
    let failed = 0
    let outage: unknown = null
    for (const waiting of commands) {
      const error = outage ?? (await this.#again(waiting, patienceEnds))
      if (error === null) continue
      // Nobody waits for each of hundreds as long as for the first.
      if (isOutage(error)) outage = error
      failed += 1
      waiting.reject(reasonOf(error))
    }
    return failed
  }

  /** Null when it is done, else why it cannot be. */
  async #again(waiting: Waiting, patienceEnds: number): Promise<unknown> {
    for (let retries = 0; ; ) {
      const failure = await this.#attempt(waiting)
      if (failure === null) return null
      if (isOutage(failure.error) && monotonicMs() < patienceEnds) {
        await new Promise((resolve) => setTimeout(resolve, RECONNECT.delayMs))
      } else if (retries < retriesAfter(failure.error)) {
        retries += 1
      } else {
        return failure.error
      }
    }
  }

  /** Null when it is done; else nothing is settled. */
  async #attempt(waiting: Waiting): Promise<{ readonly error: unknown } | null> {
    const group = new Group(this.dependencies)
    group.add(waiting.command)
    let result: GroupResult
    try {
      result = await group.commit(null, () => undefined)
    } catch (error) {
      return { error }
    }
    this.#settle([waiting], null, result)
    return null
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** An outage is the database's absence; anything else is what it is: a constraint's error, or a bug. */
function reasonOf(error: unknown): unknown {
  return isOutage(error) ? new StorageUnavailableError({ cause: error }) : error
}
