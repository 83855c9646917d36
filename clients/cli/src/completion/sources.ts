import type { Argument, Option } from 'commander'
import { RERUN_SCOPES, RUN_STATUSES } from '../runs/run.js'

/** Where the values of an option or argument come from: fixed words, files of this computer, or what the server has. */
export type Source =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' | 'contexts' | 'projects' | 'dags' | 'runs' | 'tasks' | 'machines' | 'pools' }

const OPTIONS: Readonly<Record<string, Source>> = {
  context: { kind: 'contexts' },
  dag: { kind: 'dags' },
  file: { kind: 'files' },
  key: { kind: 'files' },
  paramsFile: { kind: 'files' },
  pool: { kind: 'pools' },
  project: { kind: 'projects' },
  run: { kind: 'runs' },
  scope: { kind: 'words', words: RERUN_SCOPES },
  status: { kind: 'words', words: RUN_STATUSES },
  task: { kind: 'tasks' },
}

const ARGUMENTS: Readonly<Record<string, Source>> = {
  context: { kind: 'contexts' },
  file: { kind: 'files' },
  machine: { kind: 'machines' },
  'project/dag': { kind: 'dags' },
  run: { kind: 'runs' },
  task: { kind: 'tasks' },
}

/** undefined: nothing is known of its values. */
export function sourceOfOption(option: Option): Source | undefined {
  return wordsOf(option.argChoices) ?? OPTIONS[option.attributeName()]
}

/** undefined: nothing is known of its values. */
export function sourceOfArgument(argument: Argument): Source | undefined {
  return wordsOf(argument.argChoices) ?? ARGUMENTS[argument.name()]
}

function wordsOf(choices: readonly string[] | undefined): Source | undefined {
  return choices === undefined ? undefined : { kind: 'words', words: choices }
}
