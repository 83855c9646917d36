import { Field, ID, InputType, Int, ObjectType } from 'type-graphql'
import { Access } from '../access-rule.js'
import { Queue, QueueStatusEnum } from '../capacity/capacity.type.js'
import { Payload } from '../payload.js'

const KEY = 'A repeat with the same key and input does nothing again.'
const CAPACITY = 'Instances that may be dispatched from it at a time; 0 to 1,000,000.'
const PRIORITY = 'Before other queues: -100 to 100, a minute of waiting is worth one step'
const PROJECTS = "Whose work it takes; empty: every project's. At most 100."

@InputType({ description: 'A queue to be.' })
export class CreateQueueInput {
  @Field(() => String, {
    description: 'Unique: letters, digits, "_", "." and "-", the first a letter or "_"; at most 100.',
  })
  name!: string

  @Field(() => Int, { description: CAPACITY })
  capacity!: number

  @Field(() => Int, { nullable: true, description: `${PRIORITY}; default 0.` })
  priority?: number | null

  @Field(() => ID, {
    nullable: true,
    description: 'Whose cpu and memory its instances take. Default: the pool `default`.',
  })
  poolId?: string | null

  @Field(() => [ID], { nullable: true, description: PROJECTS })
  projectIds?: string[] | null

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'What is left out stays as it is. What runs is never stopped by a change.' })
export class UpdateQueueInput {
  @Field(() => ID, { description: 'Of the queue.' })
  queueId!: string

  @Field(() => Int, { nullable: true, description: `${CAPACITY} Below what runs: nothing starts until less does.` })
  capacity?: number | null

  @Field(() => Int, { nullable: true, description: `${PRIORITY}.` })
  priority?: number | null

  @Field(() => QueueStatusEnum, { nullable: true, description: 'What it does with its instances.' })
  status?: keyof typeof QueueStatusEnum | null

  @Field(() => ID, { nullable: true, description: 'Its pool from now on, for what runs, too.' })
  poolId?: string | null

  @Field(() => [ID], { nullable: true, description: PROJECTS })
  projectIds?: string[] | null

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'A queue that nothing uses any more.' })
export class DeleteQueueInput {
  @Field(() => ID, { description: 'Of the queue.' })
  queueId!: string

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@Access('public')
@ObjectType({ description: 'The queue that was changed.', simpleResolvers: true })
export class QueuePayload extends Payload {
  @Field(() => Queue, { nullable: true, description: 'Null when it was refused; of a deleted one, as it was last.' })
  queue!: Queue | null
}
