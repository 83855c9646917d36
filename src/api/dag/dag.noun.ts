import type { Noun } from '../noun.js'
import { DagResolver, ProjectDagsResolver } from './dag.resolver.js'
import { DagMutationResolver } from './dag-mutation.resolver.js'
import { DagVersionResolver } from './dag-version.resolver.js'
import { dagsOf, dagVersionsOf, versionTasksOf } from './load-dags.js'
import { DagTasksResolver, DagVersionTasksResolver, TaskResolver } from './task.resolver.js'

export const dagNoun: Noun = {
  resolvers: [
    DagResolver,
    ProjectDagsResolver,
    DagVersionResolver,
    TaskResolver,
    DagTasksResolver,
    DagVersionTasksResolver,
    DagMutationResolver,
  ],
  nodes: [
    { prefix: 'dag', typeName: 'Dag', load: dagsOf },
    { prefix: 'dagversion', typeName: 'DagVersion', load: dagVersionsOf },
    { prefix: 'task', typeName: 'Task', load: versionTasksOf },
  ],
}
