import { Ctx, FieldResolver, Float, Resolver, Root } from 'type-graphql'
import { forecastRuns, type RunForecast } from '../../projections/forecast/forecast-runs.js'
import type { InstanceRow } from '../../projections/run/instance-row.js'
import type { RunRow } from '../../projections/run/run-row.js'
import type { Context } from '../context.js'
import { Instance } from '../instance/instance.type.js'
import { loadInstance } from '../instance/load-instances.js'
import { loadBy } from '../load-by.js'
import { runsOf } from './load-runs.js'
import { Run } from './run.type.js'

@Resolver(() => Run)
export class ForecastResolver {
  @FieldResolver(() => Float, {
    nullable: true,
    description:
      'While it is RUNNING, from the medians of what its tasks took before; null where nothing of them ever succeeded.',
  })
  async estimatedRemainingSeconds(@Root() run: RunRow, @Ctx() context: Context): Promise<number | null> {
    if (run.status !== 'RUNNING') return null
    return (await loadForecast(run, context))?.remainingSeconds ?? null
  }

  @FieldResolver(() => [Instance], {
    description:
      'Those that determine when it ends, or determined it, each waiting for the one before: by the times that were, else by those expected. At most 1,000, the last ones.',
  })
  async criticalPath(@Root() run: RunRow, @Ctx() context: Context): Promise<InstanceRow[]> {
    const ids = (await loadForecast(run, context))?.criticalPath ?? []
    const instances = await Promise.all(ids.map((id) => loadInstance(id, context)))
    return instances.filter((instance) => instance !== null)
  }
}

function loadForecast({ id }: RunRow, context: Context): Promise<RunForecast | null> {
  const { database, clock } = context.services
  return loadBy(context, 'run.forecast', id, async (ids) =>
    forecastRuns(database.pool, await runsOf(ids, context), clock.now()),
  )
}
