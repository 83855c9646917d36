import { setMaxListeners } from 'node:events'
import type { Command, Outcome } from '../commands/command.js'
import type { CommandBus } from '../commands/command-bus.js'
import type { CommandId, NodeId } from '../domain/ids.js'
import type { RunCommand } from '../domain/run/commands.js'
import { newId } from '../platform/ids.js'
import type { Logger } from '../platform/logger.js'
import { Wake } from '../platform/wake.js'

const RETRY_MS = 1_000

/** Tells the journal what became of attempts, for as long as it takes: an outcome is never dropped. */
export class Reporter {
  constructor(
    private readonly bus: CommandBus,
    private readonly node: NodeId,
    private readonly logger: Logger,
    /** Aborted when the process can wait no longer; the next server asks the machine again. */
    private readonly signal: AbortSignal,
    /** Called as the report of an end is handed in: what it makes ready can be claimed in the same transaction. */
    private readonly onEnding: () => void,
  ) {
    // While the database is away every attempt waits with its report: more than ten are no leak.
    setMaxListeners(0, signal)
  }

  /** Resolves when the report is durable, or the signal aborts (null). A report may be repeated: it names its fence. */
  async report(runId: string, command: RunCommand): Promise<Outcome | null> {
    while (!this.signal.aborted) {
      try {
        const stored = this.bus.execute(this.#command(runId, command))
        if (command.type === 'ReportEnded') this.onEnding()
        return await stored
      } catch (error) {
        this.logger.warn({ err: error, runId, command: command.type }, 'A report was not stored; trying again')
        await new Wake().wait(RETRY_MS, this.signal)
      }
    }
    return null
  }

  #command(streamId: string, command: RunCommand): Command {
    const id = newId('command') as CommandId
    return {
      aggregate: 'run',
      command,
      id,
      streamId,
      actor: this.node,
      correlationId: null,
      causationId: null,
      once: null,
    }
  }
}
