import type { Refused } from '../domain/rejection.js'
import type { DecisionContext } from '../domain/run/commands.js'
import type { CommandResult } from '../history/append.js'
import { type Accepted, type Command, IdempotencyConflictError, type Outcome } from './command.js'
import { type Decided, type DecidedCommand, decideCommand } from './decide-group.js'
import type { Stream } from './streams.js'

/** A group stops taking commands at that many events; a command that leads to more is the last of its group. */
const MAX_EVENTS = 5_000

/** What a command comes to before it is known at which position. */
export type Answer = FreshAnswer | Refused | Accepted | IdempotencyConflictError | RepeatedAnswer
type FreshAnswer = DecidedCommand & { readonly streamId: string }

/** The same key stands twice in the group: the second gets what the first comes to. */
interface RepeatedAnswer {
  readonly repeats: FreshAnswer
}

/**
 * Decides the commands in their order, each on what those before it decided; those past the group's limit of events are
 * left out. A key that is known gets the answer that it has.
 */
export function decideAll(
  commands: readonly Command[],
  locked: ReadonlyMap<string, Stream>,
  results: Map<string, { bodyHash: Buffer; accepted: Accepted }>,
  context: DecisionContext,
  decided: Decided,
): Answer[] {
  const answers: Answer[] = []
  const before = new Map<string, KeptAnswer>(
    [...results].map(([key, { bodyHash, accepted }]) => [key, { bodyHash, answer: accepted }]),
  )
  for (const command of commands) {
    if (decided.events.length >= MAX_EVENTS) break
    const kept = command.once === null ? undefined : before.get(command.once.key)
    if (command.once !== null && kept !== undefined) {
      const isSame = kept.bodyHash.equals(command.once.bodyHash)
      answers.push(isSame ? kept.answer : new IdempotencyConflictError(command.once.key))
      continue
    }
    const stream = locked.get(command.streamId) as Stream
    const result = decideCommand(command, stream, context, decided)
    const answer = 'rejections' in result ? result : { ...result, streamId: stream.id }
    answers.push(answer)
    if (command.once === null || 'rejections' in answer) continue
    before.set(command.once.key, { bodyHash: command.once.bodyHash, answer: { repeats: answer } })
  }
  return answers
}

/** What is known under a key: from earlier, or from this very group. */
interface KeptAnswer {
  readonly bodyHash: Buffer
  readonly answer: Accepted | RepeatedAnswer
}

/** What is kept under the command's key; a refusal is not, for it changed nothing and may be right the next time. */
export function resultOf(command: Command, answer: Answer): CommandResult[] {
  if (command.once === null || !('endsAt' in answer)) return []
  const { key, bodyHash } = command.once
  const { streamId, version } = answer
  const at = answer.eventCount > 0 ? answer.endsAt : null
  return [{ key, bodyHash, resultText: JSON.stringify({ streamId, version }), eventAt: at }]
}

/** The answer, now that the position of the group's first event is known. */
export function outcomeOf(answer: Answer, first: number): Outcome | IdempotencyConflictError {
  if ('repeats' in answer) return outcomeOf(answer.repeats, first)
  if (!('endsAt' in answer)) return answer
  const { streamId, version, endsAt, eventCount } = answer
  return { streamId, version, position: eventCount > 0 ? first + endsAt - 1 : null }
}
