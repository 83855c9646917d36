import { Arg, Ctx, Field, FieldResolver, ID, Int, ObjectType, Query, Resolver, Root } from 'type-graphql'
import type { SlaConditions } from '../../definitions/sla-conditions.js'
import { SlaRule } from '../../definitions/sla-rule.js'
import type { JsonObject } from '../../domain/json.js'
import type { InstanceRow } from '../../projections/run/instance-row.js'
import type { RunRow } from '../../projections/run/run-row.js'
import { Access } from '../access-rule.js'
import { BadInputError } from '../bad-input-error.js'
import type { Context } from '../context.js'
import { Instance } from '../instance/instance.type.js'
import { loadInstance } from '../instance/load-instances.js'
import { JsonObjectScalar } from '../json-scalars.js'
import { loadRun } from '../run/load-runs.js'
import { Run } from '../run/run.type.js'
import { BACKTESTS, type PastBreach } from './backtest.js'
import { loadSla } from './load-slas.js'

const MAX_BREACHES = 100
/** Of the query's own ten seconds. */
const DEADLINE_MS = 5_000

@Access('action:readSlas')
@ObjectType({ description: 'That an SLA would have been broken.', simpleResolvers: true })
export class SlaBacktestBreach {
  runId!: string | null
  instanceId!: string | null

  @Field(() => Date, { description: 'When the conditions would have held first; of a rate: from when on.' })
  breachedAt!: Date

  @Field(() => JsonObjectScalar, { description: 'The facts by which they would have, as they were then.' })
  facts!: JsonObject
}

@Access('action:readSlas')
@ObjectType({ description: 'What an SLA would have found in the past.', simpleResolvers: true })
export class SlaBacktest {
  @Field(() => Int, {
    description:
      'What was looked at: runs that were asked for in the range, the newest 1,000; instances of these, the newest 10,000; of a rate the runs that ended, the newest 10,000, from the window before the range on.',
  })
  subjectCount!: number

  @Field(() => Int, { description: 'How many of them would have broken it; how often a rate would.' })
  breachCount!: number

  @Field(() => Boolean, { description: 'Whether there was more than was looked at.' })
  isCutOff!: boolean

  @Field(() => [SlaBacktestBreach], { description: 'The newest first; at most 100.' })
  breaches!: readonly SlaBacktestBreach[]
}

@Resolver(() => SlaBacktestBreach)
export class SlaBacktestResolver {
  @Access('action:readSlas')
  @Query(() => SlaBacktest, {
    nullable: true,
    description:
      'What would have broken an SLA over runs, tasks or rates in the past, and when; null when it is not there. Refused for facts of which no history is kept.',
  })
  async slaBacktest(
    @Arg('slaId', () => ID) slaId: string,
    @Arg('from', () => Date) from: Date,
    @Arg('to', () => Date) to: Date,
    @Ctx() context: Context,
  ): Promise<SlaBacktest | null> {
    const sla = await loadSla(slaId, context)
    if (sla === null) return null
    const { database, clock } = context.services
    // Stored conditions were checked when they were stored.
    const rule = new SlaRule(sla.conditions as unknown as SlaConditions)
    const backtest = BACKTESTS[rule.subject]
    if (backtest === undefined) {
      const facts = [...new Set(rule.comparisons.map(({ fact }) => fact))].join(', ')
      throw new BadInputError('slaId', `must be of an SLA over facts whose history is kept; that of ${facts} is not`)
    }
    const past = { ...sla, from, to }
    const tested = await backtest({ db: database.pool, rule, past, now: clock.now(), deadlineMs: DEADLINE_MS })
    if (tested === null) {
      throw new BadInputError('from', `must be later: what was since then takes over ${DEADLINE_MS / 1_000} s`)
    }
    const { subjectCount, isCutOff, breaches } = tested
    return {
      subjectCount,
      breachCount: breaches.length,
      isCutOff,
      breaches: breaches.slice(0, MAX_BREACHES).map(shown),
    }
  }

  @FieldResolver(() => Run, { nullable: true, description: 'Which run, or that of the instance; null of a rate.' })
  run(@Root() { runId }: SlaBacktestBreach, @Ctx() context: Context): Promise<RunRow | null> | null {
    return runId === null ? null : loadRun(runId, context)
  }

  @FieldResolver(() => Instance, { nullable: true, description: 'Which instance; null where it is no task.' })
  instance(@Root() { instanceId }: SlaBacktestBreach, @Ctx() context: Context): Promise<InstanceRow | null> | null {
    return instanceId === null ? null : loadInstance(instanceId, context)
  }
}

function shown({ at, ...breach }: PastBreach): SlaBacktestBreach {
  return { ...breach, breachedAt: at }
}
