import { Field, Float, ID, InputType, ObjectType } from 'type-graphql'
import { Access } from '../access-rule.js'
import { Pool, PoolStatusEnum } from '../capacity/capacity.type.js'
import { Payload } from '../payload.js'

const KEY = 'A repeat with the same key and input does nothing again.'
const CPU = 'In cpus, from 0 to 1,000,000; what its dispatched instances ask for never exceeds it.'
const MEMORY = 'In MB of 10^6 bytes, from 0 to 10^9.'

@InputType({ description: 'A pool to be: a budget of cpu and memory over machines and queues.' })
export class CreatePoolInput {
  @Field(() => String, {
    description: 'Unique: letters, digits, "_", "." and "-", the first a letter or "_"; at most 100.',
  })
  name!: string

  @Field(() => Float, { description: CPU })
  totalCpu!: number

  @Field(() => Float, { description: MEMORY })
  totalMemoryMb!: number

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'What is left out stays as it is. What runs is never stopped by a change.' })
export class UpdatePoolInput {
  @Field(() => ID, { description: 'Of the pool.' })
  poolId!: string

  @Field(() => Float, { nullable: true, description: CPU })
  totalCpu?: number | null

  @Field(() => Float, { nullable: true, description: MEMORY })
  totalMemoryMb?: number | null

  @Field(() => PoolStatusEnum, { nullable: true, description: 'Whether it gives out what it has.' })
  status?: keyof typeof PoolStatusEnum | null

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'A pool that no queue and no machine belongs to any more.' })
export class DeletePoolInput {
  @Field(() => ID, { description: 'Of the pool.' })
  poolId!: string

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@Access('public')
@ObjectType({ description: 'The pool that was changed.', simpleResolvers: true })
export class PoolPayload extends Payload {
  @Field(() => Pool, { nullable: true, description: 'Null when it was refused; of a deleted one, as it was last.' })
  pool!: Pool | null
}
