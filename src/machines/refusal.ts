import { AgentRefusal } from './agent-connection.js'
import { type AttemptRef, MachineError } from './machine.js'

/** What the host's refusal means for the attempt. Errors of other kinds stay as they are. */
export function toMachineError(
  error: unknown,
  attempt: AttemptRef,
  details: { directory?: string; program?: string },
): unknown {
  if (!(error instanceof AgentRefusal)) return error
  const subject = `Attempt ${attempt.instanceId} ${attempt.fence}`
  const { code, text } = error
  switch (code) {
    case 'NO_DIRECTORY':
      return new MachineError(code, `${subject} cannot enter its directory: ${details.directory}`, false, {
        cause: error,
      })
    case 'NO_PROGRAM':
      return new MachineError(code, `${subject} names a program that is not on its PATH: ${details.program}`, false, {
        cause: error,
      })
    case 'DENIED':
      return new MachineError(code, `${subject} is not allowed: ${text}`, false, { cause: error })
    case 'BUSY':
      return new MachineError(code, `${subject} still lives: ${text}`, true, { cause: error })
    case 'TIMEOUT':
      return new MachineError('UNREACHABLE', `${subject} could not be ended in time: ${text}`, true, { cause: error })
    case 'IO':
      return fileError(subject, text, error)
    default:
      return new MachineError('PROTOCOL', `${subject}: ${error.message}`, false, { cause: error })
  }
}

/** The agent speaks English (LC_ALL=C), so the host's own words tell what is wrong with its files. */
function fileError(subject: string, text: string, cause: AgentRefusal): MachineError {
  if (/No space left|quota exceeded/i.test(text)) {
    return new MachineError('DISK_FULL', `${subject} finds no space on the host: ${text}`, true, { cause })
  }
  if (/Permission denied|Read-only|not permitted/i.test(text)) {
    return new MachineError('DENIED', `${subject} may not write to the spool: ${text}`, true, { cause })
  }
  return new MachineError('IO', `${subject} cannot use the spool: ${text}`, true, { cause })
}
