import path from 'node:path'
import type { HostFacts } from './host-facts.js'
import { type AttemptSpec, MachineError } from './machine.js'
import { shellQuote } from './shell-quote.js'
import { folderOf } from './spool-files.js'

/** PATH as a login usually has it. */
export const LOGIN_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Linux: MAX_ARG_STRLEN, one argument or variable with its NUL. */
const MAX_STRING_BYTES = 131_072
/** Linux: a quarter of the usual 8 MiB of stack for all of them with their pointers; some is left for what `env` adds. */
const MAX_TOTAL_BYTES = 2_097_152 - 8_192

/** What a machine adds to every attempt. */
export interface CommandSettings {
  readonly facts: HostFacts
  /** Absolute: for tasks without a directory, and where relative ones begin. */
  readonly defaultDirectory: string
  readonly path: string
  readonly lang: string
}

/** An attempt's command in the shape that the runner evaluates. */
export interface CommandSpec {
  readonly directory: string
  /** Where the attempt's input was put before, or null when it is part of the text. */
  readonly inputFile: string | null
  /** One line of assignments and one `set --`, every value a quoted word. */
  readonly text: string
  /** One assignment, with the values of secrets: in no file of the host. */
  readonly hidden: string
}

/**
 * The runner's half of a start: directory, search path, input and the words of `env -i NAME=VALUE... program args...`.
 * Throws INVALID or TOO_LARGE for what no Linux process can be given.
 */
export function commandSpec(attempt: AttemptSpec, settings: CommandSettings, inputFile: string | null): CommandSpec {
  const environment = environmentOf(attempt, settings)
  const [program, ...args] = attempt.argv
  if (program === undefined || program === '') throw new MachineError('INVALID', 'An argv begins with a program', false)
  const variables = Object.entries(environment).map(([name, value]) => `${variable(name)}=${value}`)
  const secrets = Object.entries(attempt.secrets ?? {})
  checkSize([...variables, program, ...args], secrets)
  const directory = path.posix.resolve(settings.defaultDirectory, attempt.directory ?? '.')
  const words = [...variables, ...commandWords(program, args, secrets.length > 0)].map(shellQuote).join(' ')
  const signals = settings.facts.signalsOption === null ? '' : ` ${settings.facts.signalsOption}`
  // The token's word is the runner's own: in $SPEC it would make the runner itself look like a part of the attempt.
  const command = `set -- env -i${signals} "$token" ${words}`
  const input =
    inputFile === null ? `input=${shellQuote(attempt.input)} input_file=` : `input= input_file=${shellQuote(inputFile)}`
  const paths = `directory=${shellQuote(directory)} path=${shellQuote(environment.PATH ?? '')}`
  const reported = `reported=${shellQuote(attempt.report ?? '')}`
  const hidden = `hidden=${shellQuote(secrets.map(exported).join('\n'))}`
  return {
    directory,
    inputFile,
    text: `${paths} ${reported} program=${shellQuote(program)} ${input}; ${command}`,
    hidden,
  }
}

/** A line that the command's own shell evaluates: see HIDDEN_WORDS. */
function exported([name, value]: readonly [string, string]): string {
  if (value.includes('\0')) throw new MachineError('INVALID', `The secret for ${name} must not contain NUL`, false)
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new MachineError('INVALID', `No shell takes a variable ${name}`, false)
  // Not shellQuote: its $NL is a variable of the runner's alone.
  return `export ${name}='${value.replaceAll("'", "'\\''")}'`
}

/** The words of `env` can be seen in the list of processes until it has become the command, so secrets come by a pipe. */
const HIDDEN_WORDS = ['/bin/sh', '-c', 'eval "$(cat <&9)"; exec 9<&-; exec "$@"', 'sh']

/** `env` would take a program called `a=b` for a variable; `sh` does not. */
function commandWords(program: string, args: readonly string[], hasSecrets: boolean): readonly string[] {
  if (hasSecrets) return [...HIDDEN_WORDS, program, ...args]
  if (!program.includes('=')) return [program, ...args]
  return ['/bin/sh', '-c', 'exec "$@"', 'sh', program, ...args]
}

function environmentOf(attempt: AttemptSpec, settings: CommandSettings): Record<string, string> {
  const { account, spool } = settings.facts
  const folder = path.posix.join(spool, folderOf(attempt), 'io')
  return {
    PATH: settings.path,
    HOME: account.home,
    USER: account.name,
    LOGNAME: account.name,
    SHELL: account.shell,
    LANG: settings.lang,
    ...attempt.environment,
    DAGBOOK_INPUT: path.posix.join(folder, 'input'),
    DAGBOOK_OUTPUT: path.posix.join(folder, 'output'),
  }
}

function variable(name: string): string {
  if (name !== '' && !name.startsWith('-') && !name.includes('=')) return name
  throw new MachineError('INVALID', `A variable's name is not empty, has no "=" and no "-" in front: ${name}`, false)
}

function checkSize(strings: readonly string[], secrets: readonly (readonly [string, string])[]): void {
  let total = 0
  for (const [name, value] of secrets) {
    const bytes = Buffer.byteLength(name) + Buffer.byteLength(value) + 2
    total += bytes + 8
    if (bytes > MAX_STRING_BYTES) throw tooLarge(`the secret for ${name}, ${bytes} bytes`)
  }
  for (const text of strings) {
    const bytes = Buffer.byteLength(text) + 1
    total += bytes + 8
    if (bytes > MAX_STRING_BYTES) throw tooLarge(`one argument or variable, ${bytes} bytes (${text.slice(0, 40)}...)`)
  }
  if (total > MAX_TOTAL_BYTES) throw tooLarge(`arguments and environment together, ${total} bytes`)
}

function tooLarge(given: string): MachineError {
  const rule = `Linux takes ${MAX_STRING_BYTES} bytes each and ${MAX_TOTAL_BYTES} together; use $DAGBOOK_INPUT`
  return new MachineError('TOO_LARGE', `A command is too large: ${rule}: ${given}`, false)
}
