import { Field, ID, InputType, ObjectType } from 'type-graphql'
import { Access } from '../access-rule.js'
import { Payload } from '../payload.js'
import { Session } from './session.type.js'
import { User } from './user.type.js'

@InputType({ description: 'Who signs in.' })
export class SignInInput {
  @Field(() => String, { description: 'In any case.' })
  username!: string

  @Field(() => String, { description: 'Never stored or logged.' })
  password!: string
}

@InputType({ description: 'What a session goes on with.' })
export class RefreshSessionInput {
  @Field(() => String, { description: 'As the last sign-in or refresh answered it; it works once.' })
  refreshToken!: string
}

@InputType({ description: 'Which session to end.' })
export class SignOutInput {
  @Field(() => ID, { nullable: true, description: "One of the viewer's own; default: the one that asks." })
  sessionId?: string | null
}

@Access('public')
@ObjectType({ description: 'A session with its tokens; all null when it was refused.', simpleResolvers: true })
export class SignInPayload extends Payload {
  @Field(() => String, { nullable: true, description: 'For the header `authorization: Bearer ...`, for ten minutes.' })
  accessToken!: string | null

  @Field(() => String, { nullable: true, description: 'For refreshSession, once; a second use ends the session.' })
  refreshToken!: string | null

  @Field(() => Date, { nullable: true, description: 'When the access token ends.' })
  expiresAt!: Date | null

  @Field(() => Session, { nullable: true, description: 'The session that was begun or goes on.' })
  session!: Session | null

  @Field(() => User, { nullable: true, description: 'Who is signed in.' })
  user!: User | null
}

@Access('public')
@ObjectType({ description: 'The session that was ended.', simpleResolvers: true })
export class SignOutPayload extends Payload {
  @Field(() => Session, { nullable: true, description: 'As it ended.' })
  session!: Session | null
}
