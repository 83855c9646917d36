import type { Noun } from '../noun.js'
import { AttemptResolver } from './attempt.resolver.js'
import { InstanceResolver } from './instance.resolver.js'
import { InstanceMutationResolver } from './instance-mutation.resolver.js'
import {
  MachineInstancesResolver,
  QueueInstancesResolver,
  RunInstancesResolver,
  TaskInstancesResolver,
} from './instances-of.resolver.js'
import { instancesOf } from './load-instances.js'
import { LogResolver } from './log.resolver.js'
import { registerLogRoutes } from './log-routes.js'
import { MetricsResolver } from './metrics.resolver.js'
import { InstanceStateResolver, RunAsOfResolver, RunStateResolver } from './run-state.resolver.js'

export const instanceNoun: Noun = {
  resolvers: [
    InstanceResolver,
    AttemptResolver,
    LogResolver,
    MetricsResolver,
    RunInstancesResolver,
    TaskInstancesResolver,
    QueueInstancesResolver,
    MachineInstancesResolver,
    RunAsOfResolver,
    RunStateResolver,
    InstanceStateResolver,
    InstanceMutationResolver,
  ],
  nodes: [{ prefix: 'instance', typeName: 'Instance', load: instancesOf }],
  routes: registerLogRoutes,
}
