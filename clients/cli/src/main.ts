#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { EXIT } from './exit-code.js'
import { runCommand } from './run-command.js'
import { processTerminal } from './terminal.js'

const ending = new AbortController()

// The first Ctrl-C ends what is going on in order; a second one does not wait for it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => (ending.signal.aborted ? process.exit(EXIT.INTERRUPTED) : ending.abort()))
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(EXIT.OUTPUT_CLOSED)
})

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const world = { env: process.env, terminal: processTerminal(process), signal: ending.signal }
process.exitCode = await runCommand(process.argv, world, version)
