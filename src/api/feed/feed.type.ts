import { ArgsType, Field, ID, Int, ObjectType } from 'type-graphql'
import { Access } from '../access-rule.js'
import { Machine, Queue } from '../capacity/capacity.type.js'
import { Event, EventFilter } from '../event/event.type.js'
import { Instance } from '../instance/instance.type.js'
import { Run } from '../run/run.type.js'
import { BigIntScalar, PositionScalar } from '../scalars.js'

const AFTER = 'Goes on behind this position; default: from now on.'

@ArgsType()
export class EventsFeedArgs {
  @Field(() => EventFilter, { nullable: true, description: 'Which events.' })
  filter?: EventFilter | null

  @Field(() => PositionScalar, { nullable: true, description: AFTER })
  after?: number | null
}

@ArgsType()
export class RunFeedArgs {
  @Field(() => ID, { nullable: true, description: 'Of this run.' })
  runId?: string | null

  @Field(() => ID, { nullable: true, description: 'Of this DAG.' })
  dagId?: string | null

  @Field(() => ID, { nullable: true, description: 'Of this project.' })
  projectId?: string | null

  @Field(() => PositionScalar, { nullable: true, description: AFTER })
  after?: number | null
}

@ArgsType()
export class InstanceFeedArgs {
  @Field(() => ID, { description: 'Of this run.' })
  runId!: string

  @Field(() => PositionScalar, { nullable: true, description: AFTER })
  after?: number | null
}

@ArgsType()
export class QueueFeedArgs {
  @Field(() => ID, { nullable: true, description: 'Of this queue; default: of all.' })
  queueId?: string | null

  @Field(() => PositionScalar, {
    nullable: true,
    description: 'When something has happened since then, the state as it is comes first; default: from now on.',
  })
  after?: number | null
}

@ArgsType()
export class MachineFeedArgs {
  @Field(() => ID, { nullable: true, description: 'Of this machine; default: of all.' })
  machineId?: string | null

  @Field(() => PositionScalar, { nullable: true, description: AFTER })
  after?: number | null
}

@ArgsType()
export class LogFeedArgs {
  @Field(() => ID, { description: 'Of this instance.' })
  instanceId!: string

  @Field(() => Int, { nullable: true, description: 'Default: the last one, and each one after it.' })
  attempt?: number | null

  @Field(() => BigIntScalar, { nullable: true, description: 'What is known of the attempt already; default nothing.' })
  afterOffset?: number | null
}

@Access('action:readProject')
@ObjectType({
  description:
    'What follows the journal can stop anywhere and go on from `position`: nothing is skipped and nothing comes twice.',
  simpleResolvers: true,
})
export class RunUpdate {
  @Field(() => PositionScalar, { description: "The event's." })
  position!: number

  @Field(() => Event, { description: 'What happened.' })
  event!: Event

  @Field(() => Run, { description: 'As it is now.' })
  run!: Run
}

@Access('action:readProject')
@ObjectType({
  description:
    'What follows the journal can stop anywhere and go on from `position`: nothing is skipped and nothing comes twice.',
  simpleResolvers: true,
})
export class InstanceUpdate {
  @Field(() => PositionScalar, { description: "The event's." })
  position!: number

  @Field(() => Event, { description: 'What happened.' })
  event!: Event

  @Field(() => Instance, { description: 'As it is now.' })
  instance!: Instance
}

@Access('action:readCapacity')
@ObjectType({
  description: 'A change of a machine: what was registered, set, approved, found out or refused.',
  simpleResolvers: true,
})
export class MachineUpdate {
  @Field(() => PositionScalar, { description: "The event's." })
  position!: number

  @Field(() => Machine, { description: 'As it is now.' })
  machine!: Machine
}

@Access('action:readCapacity')
@ObjectType({
  description: 'The state of a queue whose settings, depth or load have changed.',
  simpleResolvers: true,
})
export class QueueUpdate {
  @Field(() => PositionScalar, { description: 'Of the journal: the state is that of then or later.' })
  position!: number

  @Field(() => Queue, { description: 'As it is now.' })
  queue!: Queue
}
