import { Field, InputType, ObjectType } from 'type-graphql'
import type { Role } from '../../domain/user/user.js'
import { Access } from '../access-rule.js'
import { Payload } from '../payload.js'
import { RoleEnum, User } from './user.type.js'

@InputType({ description: 'A user to be.' })
export class CreateUserInput {
  @Field(() => String, { description: 'Unique in any case.' })
  username!: string

  @Field(() => String, { description: '8 to 256 characters; only its hash is stored.' })
  password!: string

  @Field(() => String, { nullable: true, description: 'Unique in any case.' })
  email?: string | null

  @Field(() => String, { nullable: true, description: 'The name for people to read.' })
  fullName?: string | null

  @Field(() => RoleEnum, { nullable: true, description: 'Default USER; ADMIN can be given by an ADMIN only.' })
  role?: Role | null

  @Field(() => [String], { nullable: true, description: 'Default none; only those that the viewer has can be given.' })
  permissions?: string[] | null

  @Field(() => String, { nullable: true, description: 'A repeat with the same key and input does nothing again.' })
  idempotencyKey?: string | null
}

@Access('public')
@ObjectType({ description: 'The user that was changed.', simpleResolvers: true })
export class UserPayload extends Payload {
  @Field(() => User, { nullable: true, description: 'Null when it was refused.' })
  user!: User | null
}
