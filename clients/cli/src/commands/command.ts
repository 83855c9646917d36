import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import type { ExitCode } from '../exit-code.js'
import { UsageFailure } from '../failure.js'
import type { World } from '../world.js'

/** How a command reports its end: `main` turns it into the process's exit code. */
export type Finish = (code: ExitCode) => void

/** Adds one command to its parent. */
export type AddCommand = (parent: Command, world: World, finish: Finish) => void

/** For an option that may be given several times. */
export function collected(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value]
}

/** An option that may be given several times, beside its `--no-...s`: none at all. undefined: neither was given. */
export function listOrNone(option: string, given: string[] | undefined, isWanted: boolean): string[] | undefined {
  if (isWanted) return given
  if (given !== undefined) throw new UsageFailure(`--${option} and --no-${option}s: must not be given both`)
  return []
}

/** For an option that is a whole number from `lowest` to `highest`. */
export function wholeNumber(lowest: number, highest: number): (value: string) => number {
  return (value) => {
    const number = Number(value)
    if (!/^-?\d+$/.test(value) || number < lowest || number > highest) {
      throw new InvalidArgumentError(`It must be a whole number from ${lowest} to ${highest}.`)
    }
    return number
  }
}

/** For an option that is an amount: a number from 0 on, fractions too. */
export function amount(value: string): number {
  if (!/^\d+(\.\d+)?$/.test(value)) throw new InvalidArgumentError('It must be a number from 0 on.')
  return Number(value)
}

/** For an option or argument that is one of a few words, in any case; the completion reads which. */
export function oneOf<Word extends string>(
  ...words: readonly Word[]
): ((value: string) => Word) & { readonly words: readonly Word[] } {
  const read = (value: string): Word => {
    const word = words.find((each) => each === value.toUpperCase())
    if (word === undefined) throw new InvalidArgumentError(`It must be one of ${words.join(', ')}.`)
    return word
  }
  return Object.assign(read, { words })
}

/** For an option that is a position of the journal. */
export function position(value: string): string {
  if (!/^\d{1,19}$/.test(value)) throw new InvalidArgumentError('It must be a position: a whole number from 0 on.')
  return value
}

/** For an option that is a moment: RFC 3339, or a date for its midnight in UTC. */
export function moment(value: string): string {
  const isRfc = /^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d))?$/.test(value)
  const time = new Date(value)
  if (!isRfc || Number.isNaN(time.getTime())) {
    throw new InvalidArgumentError('It must be a time such as 2026-12-01T02:30:00Z, or a date.')
  }
  return time.toISOString()
}
