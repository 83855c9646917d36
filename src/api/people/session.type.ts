import { Field, ID, InputType, ObjectType } from 'type-graphql'
import type { UserId } from '../../domain/ids.js'
import { Access } from '../access-rule.js'
import { connectionOf } from '../connection.js'
import { Node } from '../node.js'
import { Payload } from '../payload.js'

@Access('signedIn')
@ObjectType({ description: 'A user signed in on one device.', implements: Node, simpleResolvers: true })
export class Session implements Node {
  @Field(() => ID, { description: 'A TypeID, session_...' })
  id!: string

  userId!: UserId

  @Field(() => Date, { description: 'When it began.' })
  loginAt!: Date

  @Field(() => Date, { nullable: true, description: 'When it was ended; null while it lives or has just run out.' })
  logoutAt!: Date | null

  @Field(() => Date, { description: 'When it was begun or refreshed last.' })
  lastActivityAt!: Date

  @Field(() => Date, {
    description: 'When it ends unless it is refreshed: after 30 days, 90 days after it began in any case.',
  })
  expiresAt!: Date

  @Field(() => String, { nullable: true, description: 'Where the sign-in came from.' })
  ipAddress!: string | null

  @Field(() => String, { nullable: true, description: 'What the program that signed in said of itself.' })
  userAgent!: string | null
}

/** SessionEdge and SessionConnection. */
export const SessionConnection = connectionOf(Session, { name: 'Session' })

@InputType({ description: 'Which session to end.' })
export class RevokeSessionInput {
  @Field(() => ID, { description: "One of the viewer's, or with the permission `users` anybody's." })
  sessionId!: string

  @Field(() => String, { nullable: true, description: 'A repeat with the same key and input does nothing again.' })
  idempotencyKey?: string | null
}

@Access('public')
@ObjectType({ description: 'The session that was ended.', simpleResolvers: true })
export class RevokeSessionPayload extends Payload {
  @Field(() => Session, { nullable: true, description: 'As it ended; null when it was refused.' })
  session!: Session | null
}
