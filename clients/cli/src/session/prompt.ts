import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { UsageFailure } from '../failure.js'
import type { Terminal } from '../terminal.js'

/** Asks for a user's name. Throws UsageFailure when nobody is there to be asked. */
export async function readUsername(terminal: Terminal, signal: AbortSignal): Promise<string> {
  if (!terminal.stdin.isTTY) throw new UsageFailure('--username: is needed where no terminal can be asked')
  return ask(terminal, terminal.stderr, 'Username: ', signal)
}

/** The password: all of stdin without its last line end, or what is typed, unseen. */
export async function readPassword(terminal: Terminal, fromStdin: boolean, signal: AbortSignal): Promise<string> {
  if (fromStdin) return readHidden(terminal)
  if (!terminal.stdin.isTTY) throw new UsageFailure('--password-stdin: is needed where no terminal can be asked')
  return askHidden(terminal, 'Password: ', signal)
}

/** All of stdin without its last line end: what no argument may hold, for everybody sees those. */
export async function readHidden(terminal: Terminal): Promise<string> {
  return (await text(terminal.stdin)).replace(/\r?\n$/, '')
}

/** What is typed, unseen; stdin where no terminal can be asked. */
export async function typedOrRead(terminal: Terminal, question: string, signal: AbortSignal): Promise<string> {
  return terminal.stdin.isTTY ? askHidden(terminal, question, signal) : readHidden(terminal)
}

/** What is typed, unseen. */
export async function askHidden(terminal: Terminal, question: string, signal: AbortSignal): Promise<string> {
  terminal.stderr.write(question)
  // readline echoes to its output; this one shows nothing.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const password = await ask(terminal, nowhere, '', signal)
  terminal.stderr.write('\n')
  return password
}

async function ask(
  terminal: Terminal,
  output: NodeJS.WritableStream,
  question: string,
  signal: AbortSignal,
): Promise<string> {
  const reader = createInterface({ input: terminal.stdin, output, terminal: true })
  const interrupted = new AbortController()
  reader.on('SIGINT', () => interrupted.abort())
  try {
    return await reader.question(question, { signal: AbortSignal.any([signal, interrupted.signal]) })
  } finally {
    reader.close()
  }
}
