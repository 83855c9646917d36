import { Field, ID, Int, ObjectType } from 'type-graphql'
import type { Json, JsonObject } from '../../domain/json.js'
import { Access } from '../access-rule.js'
import { connectionOf } from '../connection.js'
import { JsonObjectScalar, JsonScalar } from '../json-scalars.js'
import { Node } from '../node.js'
import { PositionScalar } from '../scalars.js'

@Access('action:readSlas')
@ObjectType({
  description: 'Conditions that are watched, with what is done when they hold.',
  implements: Node,
  simpleResolvers: true,
})
export class Sla implements Node {
  @Field(() => ID, { description: 'A TypeID, sla_...' })
  id!: string

  @Field(() => String, { description: 'Unique.' })
  name!: string

  projectId!: string | null
  dagId!: string | null
  queueId!: string | null
  poolId!: string | null

  @Field(() => String, { nullable: true, description: 'Of the task of its DAG that it watches; null: every task.' })
  taskKey!: string | null

  @Field(() => JsonObjectScalar, {
    description: 'Of json-rules-engine, over the facts of docs/slas.md; broken while they hold.',
  })
  conditions!: JsonObject

  @Field(() => JsonScalar, { description: 'A list: what is done, in this order, once for each breach.' })
  actions!: Json

  @Field(() => Int, { description: '-100 to 100: of several that break at once, the higher acts first.' })
  priority!: number

  @Field(() => Boolean, { description: 'Whether it is watched.' })
  isEnabled!: boolean

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date

  @Field(() => Date, { description: 'When its settings changed last.' })
  updatedAt!: Date
}

@Access('action:readSlas')
@ObjectType({
  description: 'That something broke an SLA, from then on until it was fine again.',
  implements: Node,
  simpleResolvers: true,
})
export class SlaBreach implements Node {
  @Field(() => ID, { description: 'A TypeID, slabreach_...' })
  id!: string

  slaId!: string
  runId!: string | null
  instanceId!: string | null

  @Field(() => JsonObjectScalar, { description: 'The facts by which it was broken, as they were then.' })
  facts!: JsonObject

  @Field(() => Date, { description: 'When it was found broken.' })
  breachedAt!: Date

  @Field(() => Date, { nullable: true, description: 'When it was fine again; null while it is not.' })
  resolvedAt!: Date | null
}

/** `first` and `after` of SLAs. */
export const SlaConnection = connectionOf(Sla, { name: 'Sla' })
/** `first` and `after` of breaches. */
export const SlaBreachConnection = connectionOf(SlaBreach, { name: 'SlaBreach' })

@Access('action:readSlas')
@ObjectType({ description: 'A breach that began or ended.', simpleResolvers: true })
export class SlaBreachUpdate {
  @Field(() => PositionScalar, {
    description: "The event's: go on from it, and nothing is skipped and nothing comes twice.",
  })
  position!: number

  @Field(() => SlaBreach, { description: 'As it is now.' })
  breach!: SlaBreach
}
