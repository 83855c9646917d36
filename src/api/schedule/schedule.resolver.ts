import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql'
import { monotonicMs } from '../../platform/clock.js'
import type { DagRow } from '../../projections/dag/dag-row.js'
import { getSchedules, type ScheduleRow } from '../../projections/schedule/get-schedules.js'
import { newBudget, takeTimes, timetableOf } from '../../timetable/timetable.js'
import { Access } from '../access-rule.js'
import { BadInputError } from '../bad-input-error.js'
import type { Context } from '../context.js'
import { Dag } from '../dag/dag.type.js'
import { loadBy } from '../load-by.js'
import { Schedule } from './schedule.type.js'

const MAX_TIMES = 100
/** The days of a schedule are walked in one go, and nobody else is answered meanwhile. */
const LIMIT_MS = 50

@Resolver(() => Dag)
export class DagScheduleResolver {
  @Access('action:readProject')
  @FieldResolver(() => Schedule, { nullable: true, description: "The latest version's; null: it runs by hand only." })
  async schedule(@Root() { id }: DagRow, @Ctx() context: Context): Promise<Schedule | null> {
    const row = await loadSchedule(id, context)
    return row === null ? null : shown(row)
  }

  @Access('action:readProject')
  @FieldResolver(() => Date, {
    nullable: true,
    description: 'The next logical date, by which jitter may hold its run back; null: none, or it is disabled.',
  })
  async nextRunAt(@Root() dag: DagRow, @Ctx() context: Context): Promise<Date | null> {
    return (await nextTimes(dag, 1, context))[0] ?? null
  }

  @Access('action:readProject')
  @FieldResolver(() => [Date], { description: 'The next logical dates, at most 100; none while it is disabled.' })
  nextRunTimes(
    @Root() dag: DagRow,
    @Arg('count', () => Int, { nullable: true, defaultValue: 10 }) count: number | null,
    @Ctx() context: Context,
  ): Promise<Date[]> {
    const wanted = count ?? 10
    if (wanted >= 1 && wanted <= MAX_TIMES) return nextTimes(dag, wanted, context)
    throw new BadInputError('count', `must be from 1 to ${MAX_TIMES}, given ${wanted}`)
  }
}

function loadSchedule(dagId: string, context: Context): Promise<ScheduleRow | null> {
  return loadBy(context, 'dag.schedule', dagId, (ids) => getSchedules(context.services.database.pool, ids))
}

async function nextTimes({ id, isEnabled, deletedAt }: DagRow, count: number, context: Context): Promise<Date[]> {
  const row = isEnabled && deletedAt === null ? await loadSchedule(id, context) : null
  if (row === null) return []
  const after = Math.max(row.through.getTime(), context.services.clock.now().getTime())
  const timetable = timetableOf(row.schedule, row.anchorAt.getTime())
  const start = monotonicMs()
  const budget = newBudget({ limitMs: LIMIT_MS, spentMs: () => monotonicMs() - start })
  return takeTimes(timetable, after, Number.POSITIVE_INFINITY, count, budget).map((at) => new Date(at))
}

function shown({ schedule, anchorAt, fired, missed, skipped, dropped }: ScheduleRow): Schedule {
  const { crons, intervalMs, timezone, startsAt, endsAt, overlapPolicy, catchup, onSkippedTime } = schedule
  return {
    crons,
    intervalSeconds: intervalMs === null ? null : Math.round(intervalMs / 1_000),
    timezone,
    startsAt: startsAt === null ? null : new Date(startsAt),
    endsAt: endsAt === null ? null : new Date(endsAt),
    overlapPolicy,
    catchup,
    catchupWindowSeconds: Math.round(schedule.catchupWindowMs / 1_000),
    jitterSeconds: Math.round(schedule.jitterMs / 1_000),
    onSkippedTime,
    onRepeatedTime: timetableOf(schedule, anchorAt.getTime()).onRepeatedTime,
    counters: { fired, missed, skipped, dropped },
  }
}
