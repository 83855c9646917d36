import type { Refused } from '../domain/rejection.js'
import type { DecisionContext } from '../domain/run/commands.js'
import type { CommandResult } from '../history/append.js'
import type { Statement } from '../platform/statement.js'
import { type Accepted, type Command, IdempotencyConflictError, type Outcome } from './command.js'
import { type Decided, type DecidedCommand, decideCommand } from './decide-command.js'
import { keepOpen } from './keep-open.js'
import type { Stream } from './streams.js'

/** A group stops taking commands at that many events; a command that leads to more is the last of its group. */
const MAX_EVENTS = 5_000

/** Every stream that a command and what follows on it are about. */
type StreamSource = (id: string) => Stream

/** What a command comes to before it is known at which position. */
type Answer = FreshAnswer | Refused | Accepted | IdempotencyConflictError | RepeatedAnswer
type FreshAnswer = DecidedCommand & { readonly streamId: string }

/** The same key stands twice in the group: the second gets what the first comes to. */
interface RepeatedAnswer {
  readonly repeats: FreshAnswer
}

/** What is known under a key: from earlier, or from this very group. */
interface KeptAnswer {
  readonly bodyHash: Buffer
  readonly answer: Accepted | RepeatedAnswer
}

/** The answers that commands got before, by key. */
export type KnownResults = ReadonlyMap<string, { readonly bodyHash: Buffer; readonly accepted: Accepted }>

/** What a group of commands comes to, one after the other, each on what those before it decided. */
export class Decisions {
  readonly decided: Decided = { events: [], runs: new Map() }
  readonly #answered: { readonly command: Command; readonly answer: Answer }[] = []
  readonly #kept = new Map<string, KeptAnswer>()

  constructor(known: KnownResults) {
    this.know(known)
  }

  /** Answers from before, of commands that are not decided yet. */
  know(known: KnownResults): void {
    for (const [key, { bodyHash, accepted }] of known) this.#kept.set(key, { bodyHash, answer: accepted })
  }

  /** The next command goes with another group. */
  get isFull(): boolean {
    return this.decided.events.length >= MAX_EVENTS
  }

  get count(): number {
    return this.#answered.length
  }

  /** A command whose key is known gets the answer that it has. */
  decide(command: Command, streams: StreamSource, context: DecisionContext): void {
    this.#answered.push({ command, answer: this.#answer(command, streams, context) })
  }

  #answer(command: Command, streams: StreamSource, context: DecisionContext): Answer {
    const { once } = command
    const kept = once === null ? undefined : this.#kept.get(once.key)
    if (once !== null && kept !== undefined) {
      return kept.bodyHash.equals(once.bodyHash) ? kept.answer : new IdempotencyConflictError(once.key)
    }
    const result = decideCommand(command, streams(command.streamId), context, this.decided)
    if (!('rejections' in result) && result.eventCount > 0) this.#decideAlso(command, streams, context)
    const endsAt = this.decided.events.length
    const answer = 'rejections' in result ? result : { ...result, endsAt, streamId: command.streamId }
    if (once !== null && !('rejections' in answer)) {
      this.#kept.set(once.key, { bodyHash: once.bodyHash, answer: { repeats: answer } })
    }
    return answer
  }

  #decideAlso({ id, also = [] }: Command, streams: StreamSource, context: DecisionContext): void {
    for (const next of also) {
      const result = decideCommand(next, streams(next.streamId), context, this.decided)
      if (!('rejections' in result)) continue
      throw new Error(`What follows on ${id} must not be refused: ${JSON.stringify(result.rejections)}`)
    }
  }

  /** What is kept under the commands' keys; a refusal is not, for it changed nothing and may be right the next time. */
  results(): CommandResult[] {
    return this.#answered.flatMap(({ command, answer }) => {
      if (command.once === null || !('endsAt' in answer)) return []
      const { key, bodyHash } = command.once
      const { streamId, version } = answer
      const at = answer.eventCount > 0 ? answer.endsAt : null
      return [{ key, bodyHash, resultText: JSON.stringify({ streamId, version }), eventAt: at }]
    })
  }

  /** The rows that go with the events. */
  besides(): Statement[] {
    const effective = this.#effective()
    const origins = originsOf(effective)
    const besides = [...keepOpen(effective), ...effective.flatMap(({ beside = [] }) => beside)]
    // First: one who has himself erased leaves none of it behind.
    return origins === null ? besides : [origins, ...besides]
  }

  /** The commands that led to events. */
  #effective(): Command[] {
    return this.#answered.flatMap(({ command, answer }) =>
      'endsAt' in answer && answer.eventCount > 0 ? [command] : [],
    )
  }

  /** The answers, now that the position of the group's first event is known. */
  outcomes(first: number): (Outcome | IdempotencyConflictError)[] {
    return this.#answered.map(({ answer }) => outcomeOf(answer, first))
  }
}

const INSERT_ORIGINS = `
  INSERT INTO command_origin (command_id, actor, ip_address, user_agent, recorded_at)
  SELECT command_id, actor, ip, left(agent, 200), now()
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS o(command_id, actor, ip, agent)
  ON CONFLICT (command_id) DO NOTHING`

function originsOf(commands: readonly Command[]): Statement | null {
  const known = commands.flatMap(({ id, actor, origin }) => (origin === undefined ? [] : [{ id, actor, origin }]))
  if (known.length === 0) return null
  const values = [
    known.map(({ id }) => id),
    known.map(({ actor }) => actor),
    known.map(({ origin }) => origin.ip),
    known.map(({ origin }) => origin.userAgent),
  ]
  return { name: 'insert-origins', text: INSERT_ORIGINS, values }
}

function outcomeOf(answer: Answer, first: number): Outcome | IdempotencyConflictError {
  if ('repeats' in answer) return outcomeOf(answer.repeats, first)
  if (!('endsAt' in answer)) return answer
  const { streamId, version, endsAt, eventCount } = answer
  return { streamId, version, position: eventCount > 0 ? first + endsAt - 1 : null }
}
