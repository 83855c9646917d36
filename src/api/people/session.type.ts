import { Field, ID, ObjectType } from 'type-graphql'
import { Access } from '../access-rule.js'
import { Node } from '../node.js'

@Access('signedIn')
@ObjectType({ description: 'A user signed in on one device.', implements: Node, simpleResolvers: true })
export class Session implements Node {
  @Field(() => ID, { description: 'A TypeID, session_...' })
  id!: string

  userId!: string

  @Field(() => Date, { description: 'When it began.' })
  loginAt!: Date

  @Field(() => Date, { nullable: true, description: 'When it was ended; null while it lives or has just run out.' })
  logoutAt!: Date | null

  @Field(() => Date, { description: 'When it was begun or refreshed last.' })
  lastActivityAt!: Date

  @Field(() => Date, { description: 'When it ends unless it is refreshed.' })
  expiresAt!: Date

  @Field(() => String, { nullable: true, description: 'Where the sign-in came from.' })
  ipAddress!: string | null

  @Field(() => String, { nullable: true, description: 'What the program that signed in said of itself.' })
  userAgent!: string | null
}
