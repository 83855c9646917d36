import { Args, Resolver, Root, Subscription } from 'type-graphql'
import { Access } from '../access-rule.js'
import type { Context } from '../context.js'
import { followBreaches, type SlaBreachUpdateRow } from './follow-breaches.js'
import { SlaFeedArgs } from './sla.input.js'
import { SlaBreachUpdate } from './sla.type.js'

/** How type-graphql calls `subscribe`. */
interface Asked {
  readonly args: SlaFeedArgs
  readonly context: Context
}

@Resolver()
export class SlaFeedResolver {
  @Access('action:readSlas')
  @Subscription(() => SlaBreachUpdate, {
    description: 'Breaches that begin and that are resolved, each as it is now.',
    subscribe: ({ args, context }: Asked) => followBreaches(context, args),
  })
  slaBreached(@Root() item: SlaBreachUpdateRow, @Args(() => SlaFeedArgs) _: SlaFeedArgs): SlaBreachUpdateRow {
    return item
  }
}
