import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql'
import { readSamples } from '../../projections/metrics/read-samples.js'
import type { InstanceRow } from '../../projections/run/instance-row.js'
import { BadInputError } from '../bad-input-error.js'
import type { Context } from '../context.js'
import { loadBy } from '../load-by.js'
import { MetricsArgs } from './instance.input.js'
import { Instance } from './instance.type.js'
import { MetricSample } from './metrics.type.js'

const DEFAULT_POINTS = 500
const MAX_POINTS = 2_000

@Resolver(() => Instance)
export class MetricsResolver {
  @FieldResolver(() => [MetricSample], {
    description:
      "An attempt's samples in their order. Above maxPoints, each stands for some that follow each other: their highest values at the time of the last.",
  })
  async metrics(
    @Root() { id, attempt }: InstanceRow,
    @Args(() => MetricsArgs) args: MetricsArgs,
    @Ctx() context: Context,
  ): Promise<readonly MetricSample[]> {
    const maxPoints = pointsOf(args.maxPoints ?? DEFAULT_POINTS)
    const number = args.attempt ?? attempt
    // The attempt is told with the instance: on one page they need not have the same number of them.
    const samples = await loadBy(context, `instance.metrics:${maxPoints}`, `${id}/${number}`, async (keys) => {
      const attempts = keys.map((key) => {
        const [instanceId = '', of = '0'] = key.split('/')
        return { instanceId, attempt: Number(of) }
      })
      return readSamples(context.services.database.pool, attempts, maxPoints)
    })
    return samples ?? []
  }
}

function pointsOf(maxPoints: number): number {
  if (maxPoints < 1) throw new BadInputError('maxPoints', `must be 1 or more, given ${maxPoints}`)
  return Math.min(maxPoints, MAX_POINTS)
}
