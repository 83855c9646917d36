import { getMachines, getPools, getQueues } from '../../projections/capacity/capacity-rows.js'
import type { Noun } from '../noun.js'
import { MachineResolver, PoolResolver, QueueResolver } from './capacity.resolver.js'

export const capacityNoun: Noun = {
  resolvers: [QueueResolver, PoolResolver, MachineResolver],
  nodes: [
    { prefix: 'queue', typeName: 'Queue', load: (ids, { services }) => getQueues(services.database.pool, { ids }) },
    { prefix: 'pool', typeName: 'Pool', load: (ids, { services }) => getPools(services.database.pool, { ids }) },
    {
      prefix: 'machine',
      typeName: 'Machine',
      load: (ids, { services }) => getMachines(services.database.pool, { ids }),
    },
  ],
}
