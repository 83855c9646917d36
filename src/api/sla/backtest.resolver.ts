import { Arg, Ctx, Field, ID, Int, ObjectType, Query, Resolver } from 'type-graphql'
import { inTurns } from '../../commands/in-turns.js'
import type { SlaConditions } from '../../definitions/sla-conditions.js'
import { replayRun } from '../../definitions/sla-replay.js'
import { SlaRule } from '../../definitions/sla-rule.js'
import type { JsonObject } from '../../domain/json.js'
import type { RunRow } from '../../projections/run/run-row.js'
import { findPastRuns } from '../../projections/sla/past-runs.js'
import { Access } from '../access-rule.js'
import { BadInputError } from '../bad-input-error.js'
import type { Context } from '../context.js'
import { JsonObjectScalar } from '../json-scalars.js'
import { Run } from '../run/run.type.js'
import { loadSla } from './load-slas.js'

const MAX_RUNS = 1_000
const MAX_BREACHES = 100
/** Of the query's own ten seconds. */
const DEADLINE_MS = 5_000

@Access('action:readSlas')
@ObjectType({ description: 'A run that would have broken an SLA.', simpleResolvers: true })
export class SlaBacktestBreach {
  @Field(() => Run, { description: 'Which run.' })
  run!: Run

  @Field(() => Date, { description: 'When the conditions would have held first.' })
  breachedAt!: Date

  @Field(() => JsonObjectScalar, { description: 'The facts by which they would have, as they were then.' })
  facts!: JsonObject
}

@Access('action:readSlas')
@ObjectType({ description: 'What an SLA would have found in the past.', simpleResolvers: true })
export class SlaBacktest {
  @Field(() => Int, { description: 'Runs that were looked at: of those asked for in the range the newest 1,000.' })
  runCount!: number

  @Field(() => Int, { description: 'How many of them would have broken it.' })
  breachCount!: number

  @Field(() => Boolean, { description: 'Whether there were more runs than were looked at.' })
  isCutOff!: boolean

  @Field(() => [SlaBacktestBreach], { description: 'The newest first; at most 100.' })
  breaches!: readonly { readonly run: RunRow; readonly breachedAt: Date; readonly facts: JsonObject }[]
}

@Resolver()
export class SlaBacktestResolver {
  @Access('action:readSlas')
  @Query(() => SlaBacktest, {
    nullable: true,
    description:
      'Which runs of the past would have broken an SLA over runs, and when; null when it is not there. Refused for conditions over other subjects.',
  })
  async slaBacktest(
    @Arg('slaId', () => ID) slaId: string,
    @Arg('from', () => Date) from: Date,
    @Arg('to', () => Date) to: Date,
    @Ctx() context: Context,
  ): Promise<SlaBacktest | null> {
    const sla = await loadSla(slaId, context)
    if (sla === null) return null
    const { services } = context
    // Stored conditions were checked when they were stored.
    const rule = new SlaRule(sla.conditions as unknown as SlaConditions)
    if (rule.subject !== 'RUN') throw new BadInputError('slaId', 'must be of an SLA whose conditions are over runs')
    const found = await findPastRuns(services.database.pool, { ...sla, from, to }, MAX_RUNS + 1)
    const runs = found.slice(0, MAX_RUNS)
    const breaches: { run: RunRow; breachedAt: Date; facts: JsonObject }[] = []
    const isDone = await inTurns(runs, DEADLINE_MS, async (run) => {
      const replayed = await replayRun(rule, run, services.clock.now().getTime())
      if (replayed !== null) breaches.push({ run, breachedAt: replayed.at, facts: replayed.facts })
    })
    if (!isDone)
      throw new BadInputError('from', `must be later: the runs since then take over ${DEADLINE_MS / 1_000} s`)
    return {
      runCount: runs.length,
      breachCount: breaches.length,
      isCutOff: found.length > MAX_RUNS,
      breaches: breaches.slice(0, MAX_BREACHES),
    }
  }
}
