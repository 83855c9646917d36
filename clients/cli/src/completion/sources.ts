import type { Argument, Option } from 'commander'
import { RUN_STATUSES } from '../runs/run.js'

/** Where the values of an option or argument come from: fixed words, files of this computer, or what the server has. */
export type Source =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | {
      readonly kind:
        | 'files'
        | 'contexts'
        | 'projects'
        | 'dags'
        | 'runs'
        | 'tasks'
        | 'machines'
        | 'pools'
        | 'queues'
        | 'slas'
    }

const OPTIONS: Readonly<Record<string, Source>> = {
  context: { kind: 'contexts' },
  dag: { kind: 'dags' },
  file: { kind: 'files' },
  junit: { kind: 'files' },
  key: { kind: 'files' },
  knownHosts: { kind: 'files' },
  machine: { kind: 'machines' },
  paramsFile: { kind: 'files' },
  pool: { kind: 'pools' },
  project: { kind: 'projects' },
  run: { kind: 'runs' },
  status: { kind: 'words', words: RUN_STATUSES },
  task: { kind: 'tasks' },
  verdictRules: { kind: 'files' },
}

const ARGUMENTS: Readonly<Record<string, Source>> = {
  context: { kind: 'contexts' },
  dag: { kind: 'dags' },
  file: { kind: 'files' },
  files: { kind: 'files' },
  machine: { kind: 'machines' },
  pool: { kind: 'pools' },
  project: { kind: 'projects' },
  queue: { kind: 'queues' },
  run: { kind: 'runs' },
  sla: { kind: 'slas' },
  task: { kind: 'tasks' },
}

/** undefined: nothing is known of its values. */
export function sourceOfOption(option: Option): Source | undefined {
  return wordsOf(option) ?? OPTIONS[option.attributeName()]
}

/** undefined: nothing is known of its values. */
export function sourceOfArgument(argument: Argument): Source | undefined {
  return wordsOf(argument) ?? ARGUMENTS[argument.name()]
}

/** Those of `choices`, or of `oneOf`. */
function wordsOf({ argChoices, parseArg }: Option | Argument): Source | undefined {
  const words = argChoices ?? (parseArg as { readonly words?: readonly string[] } | undefined)?.words
  return words === undefined ? undefined : { kind: 'words', words }
}
