import { DatabaseError, type PoolClient } from 'pg'
import type { DecisionContext } from '../domain/run/commands.js'
import { appendEvents, firstPosition } from '../history/append.js'
import { lockStreams, type StreamHead } from '../history/lock-streams.js'
import type { Clock } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import type { Statement } from '../platform/statement.js'
import { allOrCause, type LastStatements } from '../platform/transaction.js'
import { PROJECTIONS } from '../projections/registry.js'
import { lookForWork, type View } from '../queue/look-for-work.js'
import type { Skips } from '../queue/skips.js'
import type { Turns } from '../queue/turns.js'
import { type Claimed, type ClaimRequest, claimCommands, claimedBy, doingOf } from './claim.js'
import type { Command, IdempotencyConflictError, Outcome } from './command.js'
import { decideCommand } from './decide-command.js'
import { Decisions, type KnownResults } from './decisions.js'
import { isOutage } from './failure.js'
import { readResults } from './read-results.js'
import type { Stream, Streams } from './streams.js'

export interface GroupDependencies {
  readonly database: Database
  readonly streams: Streams
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly evaluate: DecisionContext['evaluate']
}

/** A claim that goes with a group. */
export interface GroupClaim {
  readonly request: ClaimRequest
  /** What the claims before this one passed over. */
  readonly skips: Skips
  /** Whose turn it is. */
  readonly turns: Turns
}

export interface GroupResult {
  /** In the order of the commands; those past the group's limit of events are left out, to be done in the next group. */
  readonly outcomes: readonly (Outcome | IdempotencyConflictError)[]
  /** Null: nobody could look, the claim is to be made again. */
  readonly claimed: readonly Claimed[] | null
  /** The journal's head after the group; null when it appended nothing. */
  readonly head: number | null
}

/** How a stream stood when the group first decided on it. */
interface Base {
  readonly version: number
  readonly headHash: string | null
}

const NO_RESULTS: KnownResults = new Map()
const NO_VIEW: Promise<View | null> = Promise.resolve(null)

/**
 * Commands of any streams on their way into one transaction: lock the streams in the order of their ids, decide, claim,
 * project, append, commit. Two round trips, as what a step needs is sent together.
 *
 * While the group before is still on its way, commands are decided ahead (`foresee`), on the states as that group leaves
 * them. The locks then show whether that was right; where it was not (another process was there first, or the group before
 * failed) they are decided again on what the locks show. So the states in memory are never more than a head start.
 */
export class Group {
  readonly commands: Command[] = []
  #decisions = new Decisions(NO_RESULTS)
  #streams = new Map<string, Stream>()
  readonly #bases = new Map<string, Base>()
  /** Streams of its commands, and what else it has locked. */
  readonly #touched = new Set<string>()
  readonly #warmed = new Set<string>()
  /** Streams that did not exist when it looked. */
  readonly #absent = new Set<string>()
  /** Keys that had their answers then. */
  readonly #known = new Set<string>()

  constructor(private readonly dependencies: GroupDependencies) {}

  /** It takes no further command. */
  get isFull(): boolean {
    return this.#decisions.isFull
  }

  /** Of its commands, in order; those behind them are left for another group. */
  get decidedCount(): number {
    return this.#decisions.count
  }

  /** To be decided under the locks. */
  add(command: Command): void {
    this.commands.push(command)
    for (const id of streamsOf(command)) this.#touched.add(id)
  }

  /**
   * Takes commands until the group has so many events, and answers how many it took. They are decided ahead, up to the
   * first that cannot be. Never rejects.
   */
  async foresee(commands: readonly Command[], maxEvents: number): Promise<number> {
    const { events } = this.#decisions.decided
    const before = this.commands.length
    try {
      await Promise.all([this.#warm(commands.flatMap(streamsOf)), this.#recall(commands)])
      const context = contextOf(this.dependencies)
      for (const command of commands) {
        if (this.isFull || events.length >= maxEvents) break
        const isNext = this.#decisions.count === this.commands.length
        this.add(command)
        const isExpected = isNext && streamsOf(command).every((id) => this.#expected(id) !== undefined)
        if (isExpected) this.#decisions.decide(command, this.#stream, context)
      }
    } catch {
      // Under the locks it will come to the same, and is told to whom it concerns.
      this.#discard()
      if (this.commands.length === before) for (const command of commands) this.add(command)
    }
    return this.commands.length - before
  }

  /** Loads what is cold before anything is locked. */
  async #warm(wanted: Iterable<string>): Promise<void> {
    const { streams, database } = this.dependencies
    const ids = [...new Set(wanted)].filter((id) => !this.#warmed.has(id))
    for (const id of ids) this.#warmed.add(id)
    for (const id of await streams.warm(database.pool, ids)) this.#absent.add(id)
  }

  /** Looks for answers that commands had before: a repeat is no surprise under the locks. */
  async #recall(commands: readonly Command[]): Promise<void> {
    const keys = commands.flatMap(({ once }) => (once === null ? [] : [once.key]))
    const results = await readResults(this.dependencies.database.pool, keys)
    for (const key of results.keys()) this.#known.add(key)
    this.#decisions.know(results)
  }

  readonly #stream = (id: string): Stream => this.#streams.get(id) as Stream

  #expected(id: string): Stream | undefined {
    const { streams } = this.dependencies
    const fresh = this.#absent.has(id) ? streams.fresh(id) : undefined
    const stream = this.#streams.get(id) ?? streams.expected(id) ?? fresh
    if (stream !== undefined && !this.#bases.has(id)) {
      this.#bases.set(id, { version: stream.version, headHash: stream.headHash })
      this.#streams.set(id, stream)
    }
    return stream
  }

  /** Forgets what was decided ahead. */
  #discard(): void {
    this.dependencies.streams.forget(this.#bases.keys())
    this.#decisions = new Decisions(NO_RESULTS)
    this.#streams.clear()
    this.#bases.clear()
  }

  /**
   * Done when it is durable. `onSent`: its states are as it leaves them, and the database needs nothing more to commit it.
   * When it throws, nothing of it is stored (but see AmbiguousCommitError), and the states are forgotten.
   */
  async commit(claim: GroupClaim | null, onSent: () => void): Promise<GroupResult> {
    const { database, streams } = this.dependencies
    try {
      await this.#warm(this.#touched)
      return await database.pipelined((tx) => this.#run(tx, claim), onSent)
    } catch (error) {
      streams.forget(this.#touched)
      throw error
    }
  }

  async #run(tx: PoolClient, claim: GroupClaim | null): Promise<LastStatements<GroupResult>> {
    const isForeseen = this.#decisions.count === this.commands.length || this.isFull
    const overdue = claim === null ? [] : claim.skips.overdue()
    const keys = this.commands.flatMap(({ once }) => (once === null ? [] : [once.key]))
    const [heads, results, seen] = await allOrCause([
      lockStreams(tx, [...new Set([...this.#touched, ...overdue])]),
      readResults(tx, keys),
      isForeseen ? this.#look(tx, claim) : NO_VIEW,
    ])
    for (const id of heads.keys()) this.#touched.add(id)
    const isAsForeseen = this.#check(heads) && [...results.keys()].every((key) => this.#known.has(key))
    if (!isAsForeseen) this.#discard()
    if (!isAsForeseen || !isForeseen) await this.#decideRest(tx, heads, results)
    // A look that was taken too early has locked queues already: another would lock out of order. The claim comes again.
    const view = isForeseen ? isAsForeseen && seen : await this.#look(tx, claim)
    const claimFrom = this.#decisions.decided.events.length
    if (claim !== null && view) await this.#claim(tx, claim, view, heads)
    this.dependencies.streams.keep(this.#streams.values())
    return this.#ending(claimFrom, view !== false)
  }

  #look(tx: PoolClient, claim: GroupClaim | null): Promise<View | null> {
    if (claim === null) return NO_VIEW
    return lookForWork(tx, claim.request, doingOf(this.#decisions.decided, this.#streams), claim.turns)
  }

  /** Whether the streams stand where what was decided ahead began. */
  #check(heads: ReadonlyMap<string, StreamHead>): boolean {
    let isRight = true
    for (const [id, { version, headHash }] of this.#bases) {
      const head = heads.get(id)
      const isAsLeft = head === undefined ? version === 0 : head.version === version && head.headHash === headHash
      this.dependencies.streams.note(id, isAsLeft)
      isRight &&= isAsLeft
    }
    return isRight
  }

  async #decideRest(tx: PoolClient, heads: ReadonlyMap<string, StreamHead>, results: KnownResults): Promise<void> {
    const { streams } = this.dependencies
    if (this.#decisions.count === 0) this.#decisions = new Decisions(results)
    const context = contextOf(this.dependencies)
    for (const command of this.commands.slice(this.#decisions.count)) {
      if (this.isFull) return
      for (const id of streamsOf(command)) {
        const head = heads.get(id)
        const known = this.#streams.get(id)
        this.#streams.set(id, known ?? (head === undefined ? streams.fresh(id) : await streams.upTo(tx, head)))
      }
      this.#decisions.decide(command, this.#stream, context)
    }
  }

  async #claim(
    tx: PoolClient,
    { request, skips, turns }: GroupClaim,
    view: View,
    locked: ReadonlyMap<string, StreamHead>,
  ): Promise<void> {
    const heads = new Map([...view.heads, ...locked])
    const runs = new Set(view.candidates.flatMap(({ runId, isStuck }) => (isStuck ? [] : [runId])))
    skips.note(runs, (id) => heads.has(id))
    for (const id of runs) {
      const head = heads.get(id)
      if (head === undefined || this.#streams.has(id)) continue
      this.#touched.add(id)
      const stream = await this.dependencies.streams.upTo(tx, head).catch(unusable)
      if (stream !== null) this.#streams.set(id, stream)
    }
    const { decided } = this.#decisions
    const context = contextOf(this.dependencies)
    for (const command of claimCommands(request, view, this.#streams, decided, turns)) {
      decideCommand(command, this.#streams.get(command.streamId) as Stream, context, decided)
    }
  }

  /** Everything that the group writes, the append last. */
  #ending(claimFrom: number, hasLooked: boolean): LastStatements<GroupResult> {
    const decisions = this.#decisions
    const { events } = decisions.decided
    // Now: when it is durable, the group behind it has moved the states on.
    const claimed = hasLooked ? claimedBy(decisions.decided, claimFrom, this.#streams) : null
    return {
      statements: this.#statements(),
      value: (last) => {
        const first = last === null ? 0 : firstPosition(last)
        return {
          outcomes: decisions.outcomes(first),
          claimed,
          head: events.length === 0 ? null : first + events.length - 1,
        }
      },
    }
  }

  #statements(): Statement[] {
    const { events, runs } = this.#decisions.decided
    const results = this.#decisions.results()
    if (events.length === 0 && results.length === 0) return []
    const runOf = (id: string) => {
      const run = runs.get(id)
      if (run === undefined) throw new Error(`The group has decided nothing on ${id} while it was open`)
      return run
    }
    const projected = PROJECTIONS.flatMap((projection) => projection.statements(events, runOf))
    return [...projected, ...this.#decisions.besides(), appendEvents(events, results)]
  }
}

/** A run whose stream cannot be read is not claimed, and keeps no other from it; its own commands say what is wrong. */
function unusable(error: unknown): null {
  if (error instanceof DatabaseError || isOutage(error)) throw error
  return null
}

function streamsOf({ streamId, also = [] }: Command): string[] {
  return [streamId, ...also.map((command) => command.streamId)]
}

function contextOf({ clock, random, evaluate }: GroupDependencies): DecisionContext {
  return { now: clock.now().getTime(), random: random(), evaluate }
}
