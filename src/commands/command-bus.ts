import type { Claimed, ClaimRequest } from './claim.js'
import type { Command, Outcome } from './command.js'
import type { GroupDependencies } from './group.js'
import { Lane } from './lane.js'

/**
 * The single way to change anything. Two lanes, so that what is large (a DAG of 10,000 tasks being published) does not
 * hold up what is many (the reports of running instances). All commands of one stream go the same lane.
 */
export class CommandBus {
  readonly #main: Lane
  readonly #bulk: Lane

  /** `onCommit` is called after every commit that appended, with the journal's head. */
  constructor(dependencies: GroupDependencies, onCommit: (head: number) => void) {
    this.#main = new Lane(dependencies, onCommit)
    this.#bulk = new Lane(dependencies, onCommit)
  }

  /** Done when it is durable. Rejects with StorageUnavailableError, IdempotencyConflictError or a constraint's error. */
  execute(command: Command): Promise<Outcome> {
    const isBulk = command.aggregate === 'dag' || command.aggregate === 'backfill'
    return (isBulk ? this.#bulk : this.#main).execute(command)
  }

  /** Work for a dispatcher; empty when there is none that fits. Joins the commands that wait at this moment. */
  claim(request: ClaimRequest): Promise<readonly Claimed[]> {
    return this.#main.claim(request)
  }

  /** Resolves when nothing is under way. */
  async drained(): Promise<void> {
    await Promise.all([this.#main.drained(), this.#bulk.drained()])
  }
}
