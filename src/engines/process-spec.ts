import type { ProcessAction } from '../domain/dag/action.js'
import { reportOf } from '../domain/dag/verdict.js'
import type { Json } from '../domain/json.js'
import type { AttemptSpec } from '../machines/machine.js'
import type { Assignment } from './engine.js'

/** By a script's extension; any other file is started itself, by its own `#!` line. */
const INTERPRETERS: Readonly<Record<string, string>> = {
  sh: 'sh',
  bash: 'bash',
  py: 'python3',
  js: 'node',
  mjs: 'node',
  cjs: 'node',
  rb: 'ruby',
  pl: 'perl',
  php: 'php',
  R: 'Rscript',
}

/** What the machine starts: values reach it as environment and files, never as text that a shell reads. */
export function processSpec(assignment: Assignment, action: ProcessAction): AttemptSpec {
  const { instanceId, fence, timeoutMs, graceMs, scope, secrets } = assignment
  return {
    instanceId,
    fence,
    argv: argvOf(action),
    environment: environmentOf(assignment, action.environment),
    secrets,
    directory: action.directory,
    input: JSON.stringify(scope),
    report: reportOf(action.verdict),
    timeoutMs,
    graceMs,
  }
}

/** What a task and the platform say, without secrets: whoever starts it gives it those. */
export function environmentOf(
  { environment, secrets }: Assignment,
  own: { readonly [name: string]: Json },
): Record<string, string> {
  const open = Object.fromEntries(Object.entries(own).filter(([name]) => !Object.hasOwn(secrets, name)))
  return { ...textValues(open), ...environment }
}

function argvOf({ engine, command, arguments: args, interpreter }: ProcessAction): string[] {
  if (engine === 'shell') return [interpreter ?? 'sh', '-c', command, ...(args.length > 0 ? ['sh', ...args] : [])]
  const extension = /\.([A-Za-z]+)$/.exec(command)?.[1] ?? ''
  const program = interpreter ?? INTERPRETERS[extension]
  // A file called -c is no option of its interpreter.
  if (program !== undefined) return [program, command.startsWith('-') ? `./${command}` : command, ...args]
  return [command.includes('/') ? command : `./${command}`, ...args]
}

/** Text as it is, anything else as JSON. */
export function textValues(values: { readonly [name: string]: Json }): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
}
