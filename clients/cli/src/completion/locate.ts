import type { Argument, Command, Option } from 'commander'

/** What the last word of an unfinished command line may become. */
export type Place =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'option'; readonly command: Command }
  | {
      readonly kind: 'argument'
      readonly command: Command
      readonly argument: Argument
      readonly before: readonly string[]
    }
  | { readonly kind: 'value'; readonly command: Command; readonly option: Option; readonly before: readonly string[] }
  | { readonly kind: 'nothing' }

export interface Located {
  readonly place: Place
  /** What of the last word stands before the part that is completed: `--status=`. */
  readonly prefix: string
  /** The part that is completed. */
  readonly given: string
}

/** Reads the words after `dagbook` as the command line itself does; the last one is unfinished and may be empty. */
export function locate(root: Command, words: readonly string[]): Located {
  const done = words.slice(0, -1)
  const last = words.at(-1) ?? ''
  const nothing: Located = { place: { kind: 'nothing' }, prefix: '', given: last }
  const before: string[] = []
  let command = root
  let awaiting: Option | undefined
  let isOver = false
  for (const word of done) {
    if (awaiting !== undefined) awaiting = undefined
    else if (!isOver && word === '--') isOver = true
    else if (!isOver && word.startsWith('-')) awaiting = word.includes('=') ? undefined : valued(root, command, word)
    else if (command.commands.length > 0) {
      const next = command.commands.find((each) => each.name() === word)
      if (next === undefined) return nothing
      command = next
    } else before.push(word)
  }
  if (awaiting !== undefined) return { ...nothing, place: { kind: 'value', command, option: awaiting, before } }
  if (!isOver && last.startsWith('-')) return inOption(root, command, last, before)
  if (command.commands.length > 0) return { ...nothing, place: { kind: 'command', command } }
  const declared = command.registeredArguments
  const argument = declared[before.length] ?? (declared.at(-1)?.variadic ? declared.at(-1) : undefined)
  return argument === undefined ? nothing : { ...nothing, place: { kind: 'argument', command, argument, before } }
}

function inOption(root: Command, command: Command, last: string, before: readonly string[]): Located {
  const at = last.indexOf('=')
  if (at < 0) return { place: { kind: 'option', command }, prefix: '', given: last }
  const option = valued(root, command, last.slice(0, at))
  const [prefix, given] = [last.slice(0, at + 1), last.slice(at + 1)]
  return {
    place: option === undefined ? { kind: 'nothing' } : { kind: 'value', command, option, before },
    prefix,
    given,
  }
}

/** The option of that name, where it takes a value. */
function valued(root: Command, command: Command, name: string): Option | undefined {
  return [...command.options, ...root.options].find(
    (each) => (each.short === name || each.long === name) && each.required,
  )
}
