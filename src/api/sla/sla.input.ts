import { ArgsType, Field, ID, InputType, Int, ObjectType } from 'type-graphql'
import type { Json, JsonObject } from '../../domain/json.js'
import { Access } from '../access-rule.js'
import { JsonObjectScalar, JsonScalar } from '../json-scalars.js'
import { ForwardArgs } from '../paging.js'
import { Payload } from '../payload.js'
import { PositionScalar } from '../scalars.js'
import { Sla } from './sla.type.js'

const KEY = 'A repeat with the same key and input does nothing again.'
const CONDITIONS = 'For json-rules-engine, over the facts of docs/slas.md.'
const ACTIONS =
  'A list of webhook, email, cancelRun, retry, raisePriority, pauseQueue and triggerDag; docs/slas.md has their keys.'
const PRIORITY = 'From -100 to 100; default 0.'

@InputType({
  description: 'An SLA to be: of a project, of a DAG, of a task of it, of a queue, of a pool, or of everything.',
})
export class CreateSlaInput {
  @Field(() => String, {
    description: 'Unique: letters, digits, "_", "." and "-", the first a letter or "_"; at most 100.',
  })
  name!: string

  @Field(() => ID, { nullable: true, description: 'Of this project.' })
  projectId?: string | null

  @Field(() => ID, { nullable: true, description: 'Of this DAG.' })
  dagId?: string | null

  @Field(() => String, { nullable: true, description: 'Of this task of the DAG.' })
  taskKey?: string | null

  @Field(() => ID, { nullable: true, description: 'Of this queue.' })
  queueId?: string | null

  @Field(() => ID, { nullable: true, description: 'Of this pool, and its machines.' })
  poolId?: string | null

  @Field(() => JsonObjectScalar, { description: CONDITIONS })
  conditions!: JsonObject

  @Field(() => JsonScalar, { description: ACTIONS })
  actions!: Json

  @Field(() => Int, { nullable: true, description: PRIORITY })
  priority?: number | null

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'What is left out stays as it is.' })
export class UpdateSlaInput {
  @Field(() => ID, { description: 'Of the SLA.' })
  slaId!: string

  @Field(() => JsonObjectScalar, { nullable: true, description: CONDITIONS })
  conditions?: JsonObject | null

  @Field(() => JsonScalar, { nullable: true, description: ACTIONS })
  actions?: Json | null

  @Field(() => Int, { nullable: true, description: 'From -100 to 100.' })
  priority?: number | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'False: it is not watched, and its open breaches are resolved.',
  })
  isEnabled?: boolean | null

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'An SLA that is no longer wanted.' })
export class DeleteSlaInput {
  @Field(() => ID, { description: 'Of the SLA.' })
  slaId!: string

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@Access('public')
@ObjectType({ description: 'The SLA that was changed.', simpleResolvers: true })
export class SlaPayload extends Payload {
  @Field(() => Sla, { nullable: true, description: 'Null when it was refused; of a deleted one, as it was last.' })
  sla!: Sla | null
}

@ArgsType()
export class SlaBreachesArgs extends ForwardArgs {
  @Field(() => ID, { nullable: true, description: 'Of the SLAs of this project.' })
  projectId?: string | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'Those that are not resolved, or those that are; default: both.',
  })
  isOpen?: boolean | null
}

@ArgsType()
export class SlaFeedArgs {
  @Field(() => ID, { nullable: true, description: 'Of the SLAs of this project.' })
  projectId?: string | null

  @Field(() => PositionScalar, { nullable: true, description: 'Goes on behind this position; default: from now on.' })
  after?: number | null
}
