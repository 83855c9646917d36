import { ArgsType, Field, Int } from 'type-graphql'
import type { Page } from '../platform/keyset.js'
import { BadInputError } from './bad-input-error.js'
import type { CursorCodec } from './cursor.js'

const DEFAULT_SIZE = 20

/** The most that one page holds, for most lists and for tasks, instances, events and log entries. */
export const PAGE_CAP = 100
export const LARGE_PAGE_CAP = 1_000
/** Bytes of a part of a log. */
export const LOG_BYTES_CAP = 1_048_576

/** The arguments of a list that is read from its beginning. */
@ArgsType()
export class ForwardArgs {
  @Field(() => Int, { nullable: true, description: 'How many; 20 unless given, at most the cap of the list.' })
  first?: number | null

  @Field(() => String, { nullable: true, description: 'The cursor that the page begins after.' })
  after?: string | null
}

/** The arguments of a list that is read from either end. */
@ArgsType()
export class PageArgs extends ForwardArgs {
  @Field(() => Int, { nullable: true, description: 'How many from the end of the list; not together with first.' })
  last?: number | null

  @Field(() => String, { nullable: true, description: 'The cursor that the page ends before; with last.' })
  before?: string | null
}

/**
 * The page that the arguments ask for; sizes above the cap become the cap. Throws BadInputError for a negative size, a
 * foreign cursor, or both directions at once.
 */
export function pageOf(args: PageArgs, cursors: CursorCodec, cap: number = PAGE_CAP): Page {
  const { first = null, after = null, last = null, before = null } = args
  if (last === null && before !== null) throw new BadInputError('before', 'goes with last')
  if (last !== null && first !== null) throw new BadInputError('last', 'cannot go with first')
  if (last !== null && after !== null) throw new BadInputError('after', 'cannot go with last')
  const isBackward = last !== null
  const limit = sizeOf(isBackward ? 'last' : 'first', isBackward ? last : first, cap)
  const [name, cursor] = isBackward ? ['before', before] : ['after', after]
  return { limit, isBackward, from: cursor === null ? null : cursors.decode(cursor, name as string) }
}

function sizeOf(argument: string, size: number | null, cap: number): number {
  if (size === null) return Math.min(DEFAULT_SIZE, cap)
  if (size < 0) throw new BadInputError(argument, `must be 0 or more, given ${size}`)
  return Math.min(size, cap)
}
