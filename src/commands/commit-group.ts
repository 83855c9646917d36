import { DatabaseError, type PoolClient } from 'pg'
import type { ConditionScope, DecisionContext } from '../domain/run/commands.js'
import { appendEvents } from '../history/append.js'
import { lockFreeStreams, lockStreams, type StreamHead } from '../history/lock-streams.js'
import type { Clock } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import { PROJECTIONS } from '../projections/registry.js'
import type { Candidate } from '../queue/candidate.js'
import { peek } from '../queue/peek.js'
import type { Skips } from '../queue/skips.js'
import { type Answer, decideAll, outcomeOf, resultOf } from './answers.js'
import { type Claimed, type ClaimRequest, claimCommands, claimedBy, endingOf } from './claim.js'
import type { Command, IdempotencyConflictError, Outcome } from './command.js'
import { type Decided, decideCommand } from './decide-group.js'
import { isOutage } from './failure.js'
import { readResults } from './read-results.js'
import type { Stream, Streams } from './streams.js'

export interface GroupDependencies {
  readonly database: Database
  readonly streams: Streams
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly evaluate: (expression: string, scope: ConditionScope) => boolean
}

export interface Group {
  readonly commands: readonly Command[]
  readonly claim: ClaimRequest | null
  /** What the claims before this one passed over. */
  readonly skips: Skips
}

export interface GroupResult {
  /** In the order of the commands; those past the group's limit of events are left out, to be done in the next group. */
  readonly outcomes: readonly (Outcome | IdempotencyConflictError)[]
  readonly claimed: readonly Claimed[]
  /** The journal's head after the group; null when it appended nothing. */
  readonly head: number | null
}

/**
 * Commands of any streams in one transaction: lock the streams in the order of their ids, bring their states up to
 * date, decide, claim, project, append, commit. Three round trips, as the statements of a step are sent together.
 * When it throws, nothing of the group is stored (but see AmbiguousCommitError), and the streams' states are forgotten.
 */
export async function commitGroup(group: Group, dependencies: GroupDependencies): Promise<GroupResult> {
  const { database, streams } = dependencies
  const ids = [...new Set(group.commands.map((command) => command.streamId))]
  const touched: Set<string> = new Set(ids)
  // By name: under any other isolation the append would read the head from an old snapshot, and fail.
  const how = { isEager: true, isolation: 'READ COMMITTED' } as const
  try {
    await streams.warm(database.pool, ids)
    return await database.transaction((tx) => runGroup(tx, group, ids, touched, dependencies), how)
  } catch (error) {
    streams.forget(touched)
    throw error
  }
}

async function runGroup(
  tx: PoolClient,
  group: Group,
  ids: readonly string[],
  touched: Set<string>,
  dependencies: GroupDependencies,
): Promise<GroupResult> {
  const keys = group.commands.flatMap(({ once }) => (once === null ? [] : [once.key]))
  const overdue = group.claim === null ? [] : group.skips.overdue()
  const [heads, peeked, results] = await Promise.all([
    lockStreams(tx, [...ids, ...overdue]),
    group.claim === null ? [] : peek(tx, group.claim, endingOf(group.commands)),
    readResults(tx, keys),
  ])
  if (group.claim !== null) await lockCandidates(tx, peeked, heads, group.skips)
  for (const id of heads.keys()) touched.add(id)
  const locked = await loadAll(tx, ids, heads, dependencies.streams)

  const decided: Decided = { events: [], plans: new Map() }
  const context = contextOf(dependencies)
  const answers = decideAll(group.commands, locked, results, context, decided)
  const claimFrom = decided.events.length
  const claims = group.claim === null ? [] : await claimCommands(tx, group.claim, peeked, locked, decided)
  for (const command of claims) decideCommand(command, locked.get(command.streamId) as Stream, context, decided)
  const first = await store(tx, group.commands, answers, decided)
  dependencies.streams.keep(locked.values())
  return {
    outcomes: answers.map((answer) => outcomeOf(answer, first)),
    claimed: claimedBy(decided, claimFrom, locked),
    head: decided.events.length === 0 ? null : first + decided.events.length - 1,
  }
}

/** Adds the streams of what may be claimed, but for those that somebody else holds at this moment. */
async function lockCandidates(
  tx: PoolClient,
  peeked: readonly Candidate[],
  heads: Map<string, StreamHead>,
  skips: Skips,
): Promise<void> {
  const runs = new Set(peeked.map((candidate) => candidate.runId))
  const free = [...runs].filter((id) => !heads.has(id))
  for (const [id, head] of await lockFreeStreams(tx, free)) heads.set(id, head)
  skips.note(runs, (id) => heads.has(id))
}

async function loadAll(
  tx: PoolClient,
  ids: readonly string[],
  heads: ReadonlyMap<string, StreamHead>,
  streams: Streams,
): Promise<Map<string, Stream>> {
  const locked = new Map<string, Stream>()
  for (const id of ids) {
    const head = heads.get(id)
    locked.set(id, head === undefined ? streams.fresh(id) : await streams.upTo(tx, head))
  }
  for (const head of heads.values()) {
    if (locked.has(head.id)) continue
    const stream = await streams.upTo(tx, head).catch(unusable)
    if (stream !== null) locked.set(head.id, stream)
  }
  return locked
}

/** A run whose stream cannot be read is not claimed, and keeps no other from it; its own commands say what is wrong. */
function unusable(error: unknown): null {
  if (error instanceof DatabaseError || isOutage(error)) throw error
  return null
}

function contextOf({ clock, random, evaluate }: GroupDependencies): DecisionContext {
  return { now: clock.now().getTime(), random: random(), evaluate }
}

/** Sends everything that the group writes, the append last, and answers the position of its first event. */
async function store(
  tx: PoolClient,
  commands: readonly Command[],
  answers: readonly Answer[],
  decided: Decided,
): Promise<number> {
  const results = answers.flatMap((answer, index) => resultOf(commands[index] as Command, answer))
  if (decided.events.length === 0 && results.length === 0) return 0
  const plans = (id: string) => {
    const plan = decided.plans.get(id)
    if (plan === undefined) throw new Error(`The group begins no run of plan ${id}`)
    return plan
  }
  const besides = answers.flatMap((answer, index) => {
    const { beside } = commands[index] as Command
    return beside !== undefined && 'endsAt' in answer && answer.eventCount > 0 ? [beside] : []
  })
  const writes = [
    ...besides.map((beside) => beside(tx)),
    ...PROJECTIONS.map((projection) => projection.apply(tx, decided.events, plans)),
  ]
  const first = appendEvents(tx, decided.events, results)
  await allOrCause([...writes, first])
  return first
}

const ABORTED_TRANSACTION = '25P02'

/**
 * Throws what failed first: what was sent behind it only says that the transaction is aborted. It does not wait for the
 * rest, for of a connection that broke not every statement gets an answer.
 */
async function allOrCause(sent: readonly Promise<unknown>[]): Promise<void> {
  try {
    await Promise.all(sent)
  } catch (error) {
    if ((error as { code?: string }).code !== ABORTED_TRANSACTION) throw error
    const settled = await Promise.allSettled(sent)
    const errors = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    throw errors.find(({ code }) => code !== ABORTED_TRANSACTION) ?? error
  }
}
