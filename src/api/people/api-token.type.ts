import { Field, ID, InputType, ObjectType } from 'type-graphql'
import type { Scope } from '../../access/scopes.js'
import type { ApiTokenId, UserId } from '../../domain/ids.js'
import { Access } from '../access-rule.js'
import { connectionOf } from '../connection.js'
import { Node } from '../node.js'
import { Payload } from '../payload.js'

@Access('signedIn')
@ObjectType({ description: "What a program works with in a user's name.", implements: Node, simpleResolvers: true })
export class ApiToken implements Node {
  @Field(() => ID, { description: 'A TypeID, apitoken_...' })
  id!: ApiTokenId

  userId!: UserId

  @Field(() => String, { description: 'What its user calls it.' })
  name!: string

  @Field(() => [String], { description: 'What it was made for: read, runs, dags, projects, or a permission.' })
  scopes!: Scope[]

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date

  @Field(() => Date, { description: 'When it ends.' })
  expiresAt!: Date

  @Field(() => Date, { nullable: true, description: 'When it was used last, to the minute; null before the first.' })
  lastUsedAt!: Date | null

  @Field(() => Date, { nullable: true, description: 'When it was revoked; null while it was not.' })
  revokedAt!: Date | null
}

/** ApiTokenEdge and ApiTokenConnection. */
export const ApiTokenConnection = connectionOf(ApiToken, { name: 'ApiToken' })

const KEY = 'A repeat with the same key and input does nothing again.'

@InputType({ description: "A token to be, of the viewer's." })
export class CreateApiTokenInput {
  @Field(() => String, { description: '1 to 100 characters.' })
  name!: string

  @Field(() => [String], {
    description:
      'At least one of read, runs, dags, projects, queues, pools, machines, templates, audit, users, backups. The token may do what its user may, as far as it has the scope for it.',
  })
  scopes!: string[]

  @Field(() => Date, { description: 'In the future.' })
  expiresAt!: Date

  @Field(() => String, { nullable: true, description: `${KEY} The secret is not shown again.` })
  idempotencyKey?: string | null
}

@Access('public')
@ObjectType({ description: 'The token that was made.', simpleResolvers: true })
export class CreateApiTokenPayload extends Payload {
  @Field(() => ApiToken, { nullable: true, description: 'Null when it was refused.' })
  apiToken!: ApiToken | null

  @Field(() => String, { nullable: true, description: 'For `authorization: Bearer ...`. Shown once, never again.' })
  secret!: string | null
}

@InputType({ description: 'Which token to end.' })
export class RevokeApiTokenInput {
  @Field(() => ID, { description: "One of the viewer's, or with the permission `users` anybody's." })
  apiTokenId!: string

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@Access('public')
@ObjectType({ description: 'The token that was ended.', simpleResolvers: true })
export class RevokeApiTokenPayload extends Payload {
  @Field(() => ApiToken, { nullable: true, description: 'Null when it was refused.' })
  apiToken!: ApiToken | null
}
