import { Field, InputType, ObjectType } from 'type-graphql'
import type { JsonObject } from '../../domain/json.js'
import { Access } from '../access-rule.js'
import { JsonObjectScalar } from '../json-scalars.js'
import { Payload } from '../payload.js'
import { Template } from './template.type.js'

@InputType({ description: 'A version of a template.' })
export class PublishTemplateInput {
  @Field(() => String, { description: 'Letters, digits, `_`, `.` and `-`, at most 100.' })
  name!: string

  @Field(() => String, { description: 'shell, script, http or noop; the definition has run, script, http or noop.' })
  engine!: string

  @Field(() => String, { nullable: true, description: 'A free classification, 1 to 100 characters.' })
  taskType?: string | null

  @Field(() => String, { nullable: true, description: 'What it is for; at most 2,000 characters.' })
  description?: string | null

  @Field(() => JsonObjectScalar, { description: 'A task as a DAG file writes it, without name, needs, when and if.' })
  definition!: JsonObject

  @Field(() => JsonObjectScalar, { description: 'JSON Schema (draft 2020-12) of what `with` may give.' })
  parametersSchema!: JsonObject

  @Field(() => String, { nullable: true, description: 'A repeat with the same key and input does nothing again.' })
  idempotencyKey?: string | null
}

@Access('public')
@ObjectType({ description: 'The version that the content has now.', simpleResolvers: true })
export class TemplatePayload extends Payload {
  @Field(() => Template, { nullable: true, description: 'Null when it was refused.' })
  template!: Template | null
}
