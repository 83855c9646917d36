import { isRefused, type Refused } from '../rejection.js'
import type { DecisionContext, RunCommand } from './commands.js'
import { decide } from './decide.js'
import type { RunEvent } from './events.js'
import { evolve } from './evolve.js'
import { settle } from './settle.js'
import type { RunState } from './state.js'

export interface Executed {
  readonly state: RunState
  readonly events: readonly RunEvent[]
}

/**
 * One command from its decision to the point where nothing follows any more. The state given is used up: go on with
 * the one returned. A refusal leaves it as it was.
 */
export function execute(command: RunCommand, given: RunState, context: DecisionContext): Executed | Refused {
  const decision = decide(command, given, context)
  if (isRefused(decision)) return decision
  const plan = command.type === 'RequestRun' ? command.plan : null
  const events: RunEvent[] = []
  let state = given
  for (let next = decision; next.length > 0; next = settle(state, context)) {
    for (const event of next) {
      state = evolve(state, event, plan)
      events.push(event)
    }
  }
  return { state, events }
}
