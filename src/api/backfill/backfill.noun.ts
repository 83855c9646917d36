import type { Noun } from '../noun.js'
import { BackfillResolver, RunBackfillResolver } from './backfill.resolver.js'
import { BackfillMutationResolver } from './backfill-mutation.resolver.js'
import { backfillsOf } from './load-backfills.js'

export const backfillNoun: Noun = {
  resolvers: [BackfillResolver, RunBackfillResolver, BackfillMutationResolver],
  nodes: [{ prefix: 'backfill', typeName: 'Backfill', load: backfillsOf }],
}
