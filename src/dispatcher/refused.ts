import { Contact } from '../engines/contact.js'
import { type Assignment, type Engine, failedWith } from '../engines/engine.js'
import type { MachineError } from '../machines/machine.js'

/** For an attempt that nobody has sent anywhere: it ends with the error, and is tried again where another try may do. */
export function refused(error: MachineError): Engine {
  return { execute: async () => failedWith(error.isRetryable ? 'NOT_STARTED' : 'ERRORED', error.message) }
}

/**
 * For an attempt that another dispatcher may have sent to its machine before: if it began it goes on by the engine; if not,
 * it never will, and ends with the error.
 */
export function refusedUnlessBegun(error: MachineError, engine: Engine): Engine {
  return {
    async execute(assignment, control) {
      const hasBegun = await new Contact(control).ask(() => begins(assignment))
      return hasBegun ? engine.execute(assignment, control) : refused(error).execute(assignment, control)
    },
  }
}

async function begins(assignment: Assignment): Promise<boolean> {
  const { machine, graceMs } = assignment
  if (machine === null) return false
  if ((await machine.probe(assignment)).kind !== 'ABSENT') return true
  // From now on a start that is still on its way is refused.
  await machine.stop(assignment, graceMs)
  return (await machine.probe(assignment)).kind !== 'ABSENT'
}
