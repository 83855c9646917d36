import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { DagState } from '../../projections/dag/dag-row.js'
import { Access } from '../access-rule.js'
import { connectionOf } from '../connection.js'
import { Node } from '../node.js'

/** The GraphQL enum DagState. */
export const DagStateEnum: { readonly [State in DagState]: State } = {
  NOT_RUNNING: 'NOT_RUNNING',
  RUNNING: 'RUNNING',
  FAILED: 'FAILED',
  TERMINATED: 'TERMINATED',
}
registerEnumType(DagStateEnum, {
  name: 'DagState',
  description: 'How a DAG is doing.',
  valuesConfig: {
    NOT_RUNNING: { description: 'It never ran.' },
    RUNNING: { description: 'A run of it has not ended.' },
    FAILED: { description: 'Its last run failed or timed out.' },
    TERMINATED: { description: 'Its last run ended otherwise.' },
  },
})

@Access('action:readProject')
@ObjectType({ description: 'A named graph of tasks.', implements: Node, simpleResolvers: true })
export class Dag implements Node {
  @Field(() => ID, { description: 'A TypeID, dag_...' })
  id!: string

  projectId!: string

  @Field(() => String, { description: 'Unique in its project.' })
  name!: string

  @Field(() => String, { nullable: true, description: "The latest version's." })
  description!: string | null

  @Field(() => String, { nullable: true, description: "The latest version's free classification." })
  taskType!: string | null

  @Field(() => Boolean, { description: 'Whether its schedule fires; it can be triggered by hand either way.' })
  isEnabled!: boolean

  @Field(() => Boolean, { description: 'Whether a failed task counts as done for those after it.' })
  skipFailed!: boolean

  latestVersionId!: string
  createdById!: string | null

  @Field(() => Date, { description: 'When its first version was published.' })
  createdAt!: Date

  @Field(() => Date, { description: 'When it changed last.' })
  updatedAt!: Date

  @Field(() => Date, { nullable: true, description: 'Since then only its history is there; null while it exists.' })
  deletedAt!: Date | null
}

@Access('action:readProject')
@ObjectType({
  description: 'What was published at one time; it never changes.',
  implements: Node,
  simpleResolvers: true,
})
export class DagVersion implements Node {
  @Field(() => ID, { description: 'A TypeID, dagversion_...' })
  id!: string

  dagId!: string

  @Field(() => Int, { description: '1, 2, 3 ...' })
  number!: number

  @Field(() => String, { description: 'SHA-256 of the source, hex.' })
  checksum!: string

  publishedById!: string | null

  @Field(() => Date, { description: 'When it was published.' })
  publishedAt!: Date
}

/** Edges and connections. */
export const DagConnection = connectionOf(Dag, { name: 'Dag' })
export const DagVersionConnection = connectionOf(DagVersion, { name: 'DagVersion' })
