import { CommanderError } from 'commander'
import { EXIT, type ExitCode } from './exit-code.js'
import { Failure, UsageFailure } from './failure.js'
import { program } from './program.js'
import type { Terminal } from './terminal.js'
import type { World } from './world.js'

/** Runs one command line to its end; what ends it early is told on stderr. `argv` begins as the process's does. */
export async function runCommand(argv: readonly string[], world: World, version: string): Promise<ExitCode> {
  let code: ExitCode = EXIT.OK
  try {
    await program(world, version, (result) => {
      code = result
    }).parseAsync(argv)
    return world.signal.aborted ? EXIT.INTERRUPTED : code
  } catch (error) {
    if (world.signal.aborted) return EXIT.INTERRUPTED
    return tell(world.terminal, error)
  }
}

function tell(terminal: Terminal, error: unknown): ExitCode {
  // Commander has printed its message; help and version end with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.OK : EXIT.USAGE
  if (error instanceof Failure) {
    for (const line of error.message.split('\n')) terminal.note(terminal.colour('red', `error: ${line}`))
    const next = error.next ?? (error instanceof UsageFailure ? 'add --help' : undefined)
    if (next !== undefined) terminal.note(`Next: ${next}`)
    return error.exitCode
  }
  terminal.note(`error: a bug of dagbook: ${error instanceof Error ? error.stack : String(error)}`)
  return EXIT.SERVER
}
