import type { PoolClient } from 'pg'
import type { Refused } from '../domain/rejection.js'
import type { ConditionScope, DecisionContext } from '../domain/run/commands.js'
import { appendEvents, type CommandResult } from '../history/append.js'
import { lockFreeStreams, lockStreams, type StreamHead } from '../history/lock-streams.js'
import type { Clock } from '../platform/clock.js'
import type { Database } from '../platform/database.js'
import { PROJECTIONS } from '../projections/registry.js'
import { peek } from '../queue/peek.js'
import { type Claimed, type ClaimRequest, claimCommands, claimedBy } from './claim.js'
import { type Accepted, type Command, IdempotencyConflictError, type Outcome } from './command.js'
import { type Decided, type DecidedCommand, decideCommand } from './decide-group.js'
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
}

export interface GroupResult {
  /** In the order of the commands; those past the group's limit of events are left out, to be done in the next group. */
  readonly outcomes: readonly (Outcome | IdempotencyConflictError)[]
  readonly claimed: readonly Claimed[]
  /** The journal's head after the group; null when it appended nothing. */
  readonly head: number | null
}

/** A group stops taking commands at that many events; one command that leads to more goes alone. */
const MAX_EVENTS = 5_000

/**
 * Commands of any streams in one transaction: lock the streams in the order of their ids, bring their states up to
 * date, decide, claim, project, append, commit. Three round trips, as the statements of a step are sent together.
 * When it throws, nothing of the group is stored (but see AmbiguousCommitError), and the streams' states are forgotten.
 */
export async function commitGroup(group: Group, dependencies: GroupDependencies): Promise<GroupResult> {
  const { database, streams } = dependencies
  const ids = [...new Set(group.commands.map((command) => command.streamId))].sort()
  await streams.warm(database.pool, ids)
  const touched: Set<string> = new Set(ids)
  try {
    return await database.transaction((tx) => runGroup(tx, group, ids, touched, dependencies), { isEager: true })
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
  const [heads, peeked, results] = await Promise.all([
    lockStreams(tx, ids),
    group.claim === null ? [] : peek(tx, group.claim),
    readResults(tx, keys),
  ])
  const candidateRuns = [...new Set(peeked.map((candidate) => candidate.runId))].filter((id) => !heads.has(id)).sort()
  for (const [id, head] of await lockFreeStreams(tx, candidateRuns)) heads.set(id, head)
  for (const id of heads.keys()) touched.add(id)
  const locked = await loadAll(tx, ids, heads, dependencies.streams)

  const decided: Decided = { sealed: [], applied: [], plans: new Map() }
  const context = contextOf(dependencies)
  const answers = decideAll(group.commands, locked, results, context, decided)
  const claimFrom = decided.applied.length
  const claims = group.claim === null ? [] : await claimCommands(tx, group.claim, peeked, locked, decided)
  for (const command of claims) decideCommand(command, locked.get(command.streamId) as Stream, context, decided)
  const first = await store(tx, group.commands, answers, decided)
  dependencies.streams.keep(locked.values())
  return {
    outcomes: answers.map((answer) => outcomeOf(answer, first)),
    claimed: claimedBy(decided, claimFrom, locked),
    head: decided.sealed.length === 0 ? null : first + decided.sealed.length - 1,
  }
}

async function loadAll(
  tx: PoolClient,
  ids: readonly string[],
  heads: ReadonlyMap<string, StreamHead>,
  streams: Streams,
): Promise<Map<string, Stream>> {
  const locked = new Map<string, Stream>()
  for (const head of heads.values()) locked.set(head.id, await streams.upTo(tx, head))
  for (const id of ids) if (!locked.has(id)) locked.set(id, streams.fresh(id))
  return locked
}

function contextOf({ clock, random, evaluate }: GroupDependencies): DecisionContext {
  return { now: clock.now().getTime(), random: random(), evaluate }
}

/** What a command comes to before it is known at which position. */
type Answer = (DecidedCommand & { streamId: string }) | Refused | Accepted | IdempotencyConflictError

function decideAll(
  commands: readonly Command[],
  locked: ReadonlyMap<string, Stream>,
  results: Map<string, { bodyHash: Buffer; accepted: Accepted }>,
  context: DecisionContext,
  decided: Decided,
): Answer[] {
  const answers: Answer[] = []
  for (const command of commands) {
    if (decided.sealed.length >= MAX_EVENTS) break
    const before = command.once === null ? undefined : results.get(command.once.key)
    if (before !== undefined) {
      const isSame = before.bodyHash.equals(command.once?.bodyHash as Buffer)
      answers.push(isSame ? before.accepted : new IdempotencyConflictError(command.once?.key as string))
      continue
    }
    const stream = locked.get(command.streamId) as Stream
    const result = decideCommand(command, stream, context, decided)
    answers.push('rejections' in result ? result : { ...result, streamId: stream.id })
  }
  return answers
}

/** Sends everything that the group writes, the append last, and answers the position of its first event. */
async function store(
  tx: PoolClient,
  commands: readonly Command[],
  answers: readonly Answer[],
  decided: Decided,
): Promise<number> {
  const results = answers.flatMap((answer, index) => resultOf(commands[index] as Command, answer))
  if (decided.sealed.length === 0 && results.length === 0) return 0
  const plans = (id: string) => {
    const plan = decided.plans.get(id)
    if (plan === undefined) throw new Error(`The group begins no run of plan ${id}`)
    return plan
  }
  const besides = answers.flatMap((answer, index) => {
    const { beside } = commands[index] as Command
    return beside !== undefined && 'endsAt' in answer && answer.eventCount > 0 ? [beside(tx)] : []
  })
  const writes = PROJECTIONS.map((projection) => projection.apply(tx, decided.applied, plans))
  const [first] = await Promise.all([appendEvents(tx, decided.sealed, results), ...besides, ...writes])
  return first
}

/** What is kept under the command's key; a refusal is not, for it changed nothing and may be right the next time. */
function resultOf(command: Command, answer: Answer): CommandResult[] {
  if (command.once === null || !('endsAt' in answer)) return []
  const { key, bodyHash } = command.once
  const { streamId, version } = answer
  const at = answer.eventCount > 0 ? answer.endsAt : null
  return [{ key, bodyHash, resultText: JSON.stringify({ streamId, version }), eventAt: at }]
}

function outcomeOf(answer: Answer, first: number): Outcome | IdempotencyConflictError {
  if (!('endsAt' in answer)) return answer
  const { streamId, version, endsAt, eventCount } = answer
  return { streamId, version, position: eventCount > 0 ? first + endsAt - 1 : null }
}
