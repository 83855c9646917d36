import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { lastStackTrace } from '../../domain/run/stack-trace.js'
import { readEndOffset } from '../../projections/output/read-chunks.js'
import { readSlice } from '../../projections/output/read-slice.js'
import { readTails, type Tails } from '../../projections/output/read-tails.js'
import type { InstanceRow } from '../../projections/run/instance-row.js'
import { BadInputError } from '../bad-input-error.js'
import type { Context } from '../context.js'
import { loadBy } from '../load-by.js'
import { LOG_BYTES_CAP } from '../paging.js'
import { LogArgs } from './instance.input.js'
import { Instance } from './instance.type.js'
import { loadAttempts } from './load-instances.js'
import { LogSlice } from './log.type.js'

const DEFAULT_BYTES = 65_536
const NOTHING = { entries: [], endOffset: 0, isTruncated: false }

@Resolver(() => Instance)
export class LogResolver {
  @FieldResolver(() => LogSlice, {
    description: "A part of an attempt's output as text, from its beginning or its end.",
  })
  async log(
    @Root() { id, endedAt }: InstanceRow,
    @Args(() => LogArgs) args: LogArgs,
    @Ctx() context: Context,
  ): Promise<LogSlice> {
    const attempts = await loadAttempts(id, context)
    const number = args.attempt ?? attempts.at(-1)?.number ?? null
    const attempt = attempts.find((each) => each.number === number)
    if (attempt === undefined) return { ...NOTHING, isComplete: endedAt !== null }
    const { pool } = context.services.database
    const key = { instanceId: id, attempt: attempt.number }
    const { afterOffset, maxBytes, isTruncated } = await rangeOf(args, () => readEndOffset(pool, key))
    const slice = await readSlice(pool, { ...key, afterOffset, maxBytes, hasEnded: attempt.endedAt !== null })
    const isCut = slice.entries.some(({ stream }) => stream === 'SYSTEM')
    return { ...slice, isTruncated: isTruncated || isCut }
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "The last stack trace in the last 64 KiB of its last attempt's stderr, or else stdout, once it has ended: of Python, Node.js, Java, .NET, PHP, Ruby, Go or Rust.",
  })
  async stackTrace(@Root() { id, attempt, endedAt }: InstanceRow, @Ctx() context: Context): Promise<string | null> {
    if (attempt === 0 || endedAt === null) return null
    const { pool } = context.services.database
    const tails = await loadBy(context, 'instance.tails', id, (ids) => readTails(pool, ids))
    return tails === null ? null : traceIn(tails)
  }
}

/** Where programs usually print them comes first. */
function traceIn({ STDERR, STDOUT }: Tails): string | null {
  return lastStackTrace(STDERR.toString('utf8')) ?? lastStackTrace(STDOUT.toString('utf8'))
}

async function rangeOf(args: LogArgs, end: () => Promise<number>) {
  const { afterOffset = null, lastBytes = null } = args
  const maxBytes = bounded('maxBytes', args.maxBytes ?? DEFAULT_BYTES)
  if (lastBytes === null) return { afterOffset: Math.max(afterOffset ?? 0, 0), maxBytes, isTruncated: false }
  if (afterOffset !== null) throw new BadInputError('lastBytes', 'cannot go with afterOffset')
  const wanted = bounded('lastBytes', lastBytes)
  const from = Math.max((await end()) - wanted, 0)
  return { afterOffset: from, maxBytes: Math.max(wanted, 1), isTruncated: from > 0 }
}

function bounded(argument: string, bytes: number): number {
  if (bytes < 0) throw new BadInputError(argument, `must be 0 or more, given ${bytes}`)
  return Math.min(bytes, LOG_BYTES_CAP)
}
