import { Args, Resolver, Root, Subscription } from 'type-graphql'
import type { StoredEvent } from '../../history/event.js'
import type { LogEntry as LogEntryRow } from '../../projections/output/cut-entries.js'
import { Access } from '../access-rule.js'
import type { Context } from '../context.js'
import { Event } from '../event/event.type.js'
import { LogEntry } from '../instance/log.type.js'
import { PositionScalar } from '../scalars.js'
import {
  EventsFeedArgs,
  InstanceFeedArgs,
  InstanceUpdate,
  LogFeedArgs,
  MachineFeedArgs,
  MachineUpdate,
  QueueFeedArgs,
  QueueUpdate,
  RunFeedArgs,
  RunUpdate,
} from './feed.type.js'
import { followHead } from './follow-head.js'
import { followLog } from './follow-log.js'
import { followQueues, type QueueUpdateRow } from './follow-queues.js'
import {
  followEvents,
  followInstances,
  followMachines,
  followRuns,
  type InstanceUpdateRow,
  type MachineUpdateRow,
  type RunUpdateRow,
} from './updates.js'

/** How type-graphql calls `subscribe`. */
interface Asked {
  // biome-ignore lint/suspicious/noExplicitAny: the arguments as the schema has checked them
  readonly args: any
  readonly context: Context
}

@Resolver()
export class FeedResolver {
  @Access('action:readProject')
  @Subscription(() => Event, {
    description: 'Events as they come, in order; those of no project are for administrators.',
    subscribe: ({ args, context }: Asked) => followEvents(context, args),
  })
  events(@Root() item: StoredEvent, @Args(() => EventsFeedArgs) _: EventsFeedArgs): StoredEvent {
    return item
  }

  @Access('action:readProject')
  @Subscription(() => RunUpdate, {
    description: "The run's own events (Run*), each with the run as it is now.",
    subscribe: ({ args, context }: Asked) => followRuns(context, args),
  })
  runUpdated(@Root() item: RunUpdateRow, @Args(() => RunFeedArgs) _: RunFeedArgs): RunUpdateRow {
    return item
  }

  @Access('action:readProject')
  @Subscription(() => InstanceUpdate, {
    description: "The events of a run's instances, each with the instance as it is now.",
    subscribe: ({ args, context }: Asked) => followInstances(context, args),
  })
  instanceUpdated(
    @Root() item: InstanceUpdateRow,
    @Args(() => InstanceFeedArgs) _: InstanceFeedArgs,
  ): InstanceUpdateRow {
    return item
  }

  @Access('action:readCapacity')
  @Subscription(() => QueueUpdate, {
    description: 'The latest state, at most four times a second for each queue.',
    subscribe: ({ args, context }: Asked) => followQueues(context, args),
  })
  queueUpdated(@Root() item: QueueUpdateRow, @Args(() => QueueFeedArgs) _: QueueFeedArgs): QueueUpdateRow {
    return item
  }

  @Access('action:readCapacity')
  @Subscription(() => MachineUpdate, {
    description: 'Changes of machines, each with the machine as it is now. That one answers, or not, is no change.',
    subscribe: ({ args, context }: Asked) => followMachines(context, args),
  })
  machineUpdated(@Root() item: MachineUpdateRow, @Args(() => MachineFeedArgs) _: MachineFeedArgs): MachineUpdateRow {
    return item
  }

  @Access('action:readProject')
  @Subscription(() => LogEntry, {
    description: "An attempt's output as it is collected; ends when the attempt has ended and all of it is delivered.",
    subscribe: ({ args, context }: Asked) => followLog(context, args),
  })
  instanceLog(@Root() entry: LogEntryRow, @Args(() => LogFeedArgs) _: LogFeedArgs): LogEntryRow {
    return entry
  }

  @Access('signedIn')
  @Subscription(() => PositionScalar, {
    description:
      "The journal's head, once a second: whoever follows a rare filter can move its cursor on, and knows that the line is alive.",
    subscribe: ({ context }: Asked) => followHead(context),
  })
  headMoved(@Root() position: number): number {
    return position
  }
}
