import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import { Access } from '../access-rule.js'
import { connectionOf } from '../connection.js'
import { Node } from '../node.js'
import { PageArgs } from '../paging.js'
import { PositionScalar } from '../scalars.js'

/** The GraphQL enum ActorKind. */
export const ActorKindEnum = { USER: 'USER', API_TOKEN: 'API_TOKEN', SYSTEM: 'SYSTEM' } as const
registerEnumType(ActorKindEnum, {
  name: 'ActorKind',
  description: 'Who brings events about.',
  valuesConfig: {
    USER: { description: 'A user.' },
    API_TOKEN: { description: 'A program, with a token of a user.' },
    SYSTEM: { description: 'Dagbook itself.' },
  },
})

@Access('action:readProject')
@ObjectType({ description: 'Who brought an event about.', simpleResolvers: true })
export class Actor {
  /** A user's, a token's or a node's id, or `system`. */
  id!: string

  @Field(() => ActorKindEnum, { description: 'A user, a program or Dagbook itself.' })
  kind!: keyof typeof ActorKindEnum
}

@Access('action:readProject')
@ObjectType({
  description: 'What happened, as the journal keeps it for ever.',
  implements: Node,
  simpleResolvers: true,
})
export class Event implements Node {
  @Field(() => ID, { description: 'event_<position>' })
  id!: string

  @Field(() => PositionScalar, { description: '1, 2, 3 ... over all streams, in the order of their commits.' })
  position!: number

  @Field(() => ID, { description: 'What it happened to: a run, a DAG, a project ...' })
  streamId!: string

  @Field(() => Int, { description: '1, 2, 3 ... in its stream.' })
  version!: number

  @Field(() => String, { description: 'What happened: RunRequested, InstanceSucceeded ...' })
  type!: string

  @Field(() => Int, { description: 'Of the form of its data.' })
  schemaVersion!: number

  @Field(() => Date, { description: "The command's clock." })
  recordedAt!: Date

  @Field(() => ID, { nullable: true, description: 'The command that brought it about.' })
  commandId!: string | null

  @Field(() => ID, { nullable: true, description: 'What it is part of.' })
  correlationId!: string | null

  @Field(() => ID, { nullable: true, description: 'What it followed on.' })
  causationId!: string | null
}

/** EventEdge and EventConnection. */
export const EventConnection = connectionOf(Event, { name: 'Event', isTotalNullable: true })

@InputType({ description: 'Which events; every given part must hold. Times: from is inclusive, to is not.' })
export class EventFilter {
  @Field(() => ID, { nullable: true, description: 'Of this stream: a run, a DAG, a project ...' })
  streamId?: string | null

  @Field(() => ID, { nullable: true, description: 'Of this project.' })
  projectId?: string | null

  @Field(() => ID, { nullable: true, description: 'Of this DAG, its runs included.' })
  dagId?: string | null

  @Field(() => ID, { nullable: true, description: 'Of this run.' })
  runId?: string | null

  @Field(() => ID, { nullable: true, description: 'Of this instance.' })
  instanceId?: string | null

  @Field(() => [String], { nullable: true, description: 'One of these.' })
  types?: string[] | null

  @Field(() => ID, { nullable: true, description: 'Brought about by this user, token or node.' })
  actorId?: string | null

  @Field(() => Date, { nullable: true, description: 'Recorded then or later.' })
  recordedFrom?: Date | null

  @Field(() => Date, { nullable: true, description: 'Recorded before.' })
  recordedTo?: Date | null
}

@ArgsType()
export class EventListArgs extends PageArgs {
  @Field(() => EventFilter, { nullable: true, description: 'Which of them.' })
  filter?: EventFilter | null
}
