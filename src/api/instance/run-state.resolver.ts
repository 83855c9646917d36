import { Args, ArgsType, Ctx, Field, FieldResolver, Int, Resolver, Root } from 'type-graphql'
import type { MachineRow } from '../../projections/capacity/capacity-rows.js'
import { addCount, type RunCounts as Counts, noCounts } from '../../projections/run/count-instances.js'
import { type InstanceAsOf, type RunAsOf, readRunAsOf } from '../../projections/run/run-as-of.js'
import type { RunRow } from '../../projections/run/run-row.js'
import { BadInputError } from '../bad-input-error.js'
import { Machine } from '../capacity/capacity.type.js'
import { loadMachine } from '../capacity/load-capacity.js'
import { type Connection, connectionFrom } from '../connection.js'
import type { Context } from '../context.js'
import { CursorCodec } from '../cursor.js'
import { ForwardArgs, LARGE_PAGE_CAP, pageOf } from '../paging.js'
import { Run, RunCounts } from '../run/run.type.js'
import { InstanceState, InstanceStateConnection, RunState } from './run-state.type.js'

const CURSORS = new CursorCodec('instanceStates', ['number'])

@ArgsType()
class AsOfArgs {
  @Field(() => Int, { nullable: true, description: "Of the run's stream." })
  version?: number | null

  @Field(() => Date, { nullable: true, description: 'Not together with version.' })
  time?: Date | null
}

@Resolver(() => Run)
export class RunAsOfResolver {
  @FieldResolver(() => RunState, {
    nullable: true,
    description: 'The run as it stood at an earlier version of its stream, or at a moment; null before its beginning.',
  })
  asOf(@Root() { id }: RunRow, @Args(() => AsOfArgs) args: AsOfArgs, @Ctx() context: Context): Promise<RunAsOf | null> {
    const { version = null, time = null } = args
    if ((version === null) === (time === null)) throw new BadInputError('version', 'or time must be given, one of them')
    return readRunAsOf(context.services.database.pool, id, { version, time })
  }
}

@Resolver(() => RunState)
export class RunStateResolver {
  @FieldResolver(() => RunCounts, { description: 'Its instances, by what they were doing.' })
  counts(@Root() { instances }: RunAsOf): Counts {
    const counts = noCounts()
    for (const { status } of instances) addCount(counts, status, 1)
    return counts
  }

  @FieldResolver(() => InstanceStateConnection, { description: "In the file's order; pages up to 1,000." })
  instances(@Root() { instances }: RunAsOf, @Args(() => ForwardArgs) args: ForwardArgs): Connection<InstanceAsOf> {
    const page = pageOf(args, CURSORS, LARGE_PAGE_CAP)
    const from = page.from === null ? 0 : Number(page.from[0]) + 1
    return connectionFrom({
      rows: instances.slice(from, from + page.limit + 1),
      page,
      cursors: CURSORS,
      keyOf: ({ ordinal }) => [ordinal],
      totalCount: () => Promise.resolve(instances.length),
    })
  }
}

@Resolver(() => InstanceState)
export class InstanceStateResolver {
  @FieldResolver(() => Machine, { nullable: true, description: 'Where it ran, or had run last.' })
  machine(@Root() { machineId }: InstanceAsOf, @Ctx() context: Context): Promise<MachineRow | null> | null {
    return machineId === null ? null : loadMachine(machineId, context)
  }
}
