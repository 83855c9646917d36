import type { Noun } from '../noun.js'
import { SlaBacktestResolver } from './backtest.resolver.js'
import { breachesOf, slasOf } from './load-slas.js'
import { PoolSlasResolver, SlaBreachResolver, SlaResolver } from './sla.resolver.js'
import { SlaFeedResolver } from './sla-feed.resolver.js'
import { SlaMutationResolver } from './sla-mutation.resolver.js'

/** What is watched, and what broke. */
export const slaNoun: Noun = {
  resolvers: [
    SlaResolver,
    SlaBreachResolver,
    PoolSlasResolver,
    SlaMutationResolver,
    SlaFeedResolver,
    SlaBacktestResolver,
  ],
  nodes: [
    { prefix: 'sla', typeName: 'Sla', load: slasOf },
    { prefix: 'slabreach', typeName: 'SlaBreach', load: breachesOf },
  ],
}
