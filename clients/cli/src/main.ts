#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { EXIT, type ExitCode } from './exit-code.js'
import { Failure } from './failure.js'
import { program } from './program.js'
import { processTerminal } from './terminal.js'

const terminal = processTerminal(process)
const ending = new AbortController()

// The first Ctrl-C ends what is going on in order; a second one does not wait for it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => (ending.signal.aborted ? process.exit(EXIT.INTERRUPTED) : ending.abort()))
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(EXIT.OUTPUT_CLOSED)
})

process.exitCode = await main(process.argv)

async function main(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.OK
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  try {
    const world = { env: process.env, terminal, signal: ending.signal }
    await program(world, version, (result) => {
      code = result
    }).parseAsync(argv)
    return ending.signal.aborted ? EXIT.INTERRUPTED : code
  } catch (error) {
    if (ending.signal.aborted) return EXIT.INTERRUPTED
    return exitCodeOf(error)
  }
}

function exitCodeOf(error: unknown): ExitCode {
  // Commander has printed its message; help and version end with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.OK : EXIT.USAGE
  if (error instanceof Failure) {
    for (const line of error.message.split('\n')) terminal.note(terminal.colour('red', `error: ${line}`))
    if (error.next !== undefined) terminal.note(`Next: ${error.next}`)
    return error.exitCode
  }
  terminal.note(`error: a bug of dagbook: ${error instanceof Error ? error.stack : String(error)}`)
  return EXIT.SERVER
}
