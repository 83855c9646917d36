import type { Noun } from '../noun.js'
import { BatchResolver } from './batch.resolver.js'
import { ForecastResolver } from './forecast.resolver.js'
import { runsOf } from './load-runs.js'
import { RunResolver } from './run.resolver.js'
import { RunMutationResolver } from './run-mutation.resolver.js'
import { DagRunsResolver, ProjectRunsResolver } from './runs-of.resolver.js'

export const runNoun: Noun = {
  resolvers: [RunResolver, ForecastResolver, DagRunsResolver, ProjectRunsResolver, RunMutationResolver, BatchResolver],
  nodes: [{ prefix: 'run', typeName: 'Run', load: runsOf }],
}
