import { Field, ID, InputType, ObjectType } from 'type-graphql'
import { Access } from '../access-rule.js'
import { Payload } from '../payload.js'
import { Secret } from './project.type.js'

const KEY = 'A repeat with the same key and input does nothing again.'

@InputType({ description: 'A value for tasks.' })
export class SetSecretInput {
  @Field(() => ID, { description: 'Of the project.' })
  projectId!: string

  @Field(() => String, { description: 'Letters, digits, "_" and "-", the first a letter or "_"; at most 100.' })
  name!: string

  @Field(() => String, { description: '1 to 120,000 bytes. Kept encrypted, given to tasks, never shown.' })
  value!: string

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'Which value is to be forgotten.' })
export class DeleteSecretInput {
  @Field(() => ID, { description: 'Of the project.' })
  projectId!: string

  @Field(() => String, { description: 'Of the secret.' })
  name!: string

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@Access('public')
@ObjectType({ description: 'The secret that was changed.', simpleResolvers: true })
export class SecretPayload extends Payload {
  @Field(() => Secret, { nullable: true, description: 'As it is, or was; null when it was refused.' })
  secret!: Secret | null
}
