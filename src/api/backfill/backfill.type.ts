import { Field, ID, ObjectType } from 'type-graphql'
import { Access } from '../access-rule.js'
import { Node } from '../node.js'

@Access('action:readProject')
@ObjectType({
  description: "Runs for the times of a DAG's schedule in a range.",
  implements: Node,
  simpleResolvers: true,
})
export class Backfill implements Node {
  @Field(() => ID, { description: 'A TypeID, backfill_...' })
  id!: string

  projectId!: string
  dagId!: string

  @Field(() => Date, { description: 'The first time of the range.' })
  from!: Date

  @Field(() => Date, { description: 'The last time of the range.' })
  to!: Date

  createdById!: string | null

  @Field(() => Date, { description: 'When it was asked for.' })
  createdAt!: Date
}
