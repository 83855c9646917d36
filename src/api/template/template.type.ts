import { Field, ID, Int, ObjectType } from 'type-graphql'
import type { JsonObject } from '../../domain/json.js'
import { Access } from '../access-rule.js'
import { connectionOf } from '../connection.js'
import { JsonObjectScalar } from '../json-scalars.js'
import { Node } from '../node.js'

@Access('action:readTemplates')
@ObjectType({
  description: 'A reusable definition of a task, in one of its versions; a version never changes.',
  implements: Node,
  simpleResolvers: true,
})
export class Template implements Node {
  @Field(() => ID, { description: "A TypeID, template_...; of this version, and of its events' stream." })
  id!: string

  @Field(() => String, { description: 'What its versions share; DAG files write `name@version`.' })
  name!: string

  @Field(() => Int, { description: '1, 2, 3 ...' })
  version!: number

  @Field(() => String, { description: 'How its tasks are executed: shell, script, http, thread, noop.' })
  engine!: string

  @Field(() => String, { nullable: true, description: 'A free classification.' })
  taskType!: string | null

  @Field(() => String, { nullable: true, description: 'What it is for.' })
  description!: string | null

  @Field(() => JsonObjectScalar, { description: 'A task as a DAG file writes it, without its place in a DAG.' })
  definition!: JsonObject

  @Field(() => JsonObjectScalar, { description: 'JSON Schema of what `with` may give.' })
  parametersSchema!: JsonObject

  createdById!: string | null

  @Field(() => Date, { description: 'When this version was published.' })
  createdAt!: Date
}

/** Edges and connections. */
export const TemplateConnection = connectionOf(Template, { name: 'Template' })
