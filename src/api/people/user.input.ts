import { Field, ID, InputType, ObjectType } from 'type-graphql'
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

@InputType({ description: 'What a user is changed to; what is left out stays as it is.' })
export class UpdateUserInput {
  @Field(() => ID, { description: 'Of the user.' })
  userId!: string

  @Field(() => String, { nullable: true, description: 'Unique in any case; empty takes it away.' })
  email?: string | null

  @Field(() => String, { nullable: true, description: 'The name for people to read; empty takes it away.' })
  fullName?: string | null

  @Field(() => RoleEnum, { nullable: true, description: 'ADMIN can be given and taken by an ADMIN only; one stays.' })
  role?: Role | null

  @Field(() => [String], { nullable: true, description: 'Instead of those before; only those that the viewer has.' })
  permissions?: string[] | null

  @Field(() => Boolean, { nullable: true, description: 'False ends every session, and tokens do not work.' })
  isActive?: boolean | null

  @Field(() => String, { nullable: true, description: 'A repeat with the same key and input does nothing again.' })
  idempotencyKey?: string | null
}

@InputType({ description: 'Whom to forget.' })
export class EraseUserInput {
  @Field(() => ID, { description: 'Of the user.' })
  userId!: string

  @Field(() => String, { description: 'Kept for ever, so without names: 1 to 500 characters.' })
  reason!: string

  @Field(() => String, { nullable: true, description: 'A repeat with the same key and input does nothing again.' })
  idempotencyKey?: string | null
}

@InputType({ description: "A password, one's own or with the permission `users` another's." })
export class ChangePasswordInput {
  @Field(() => ID, { nullable: true, description: 'Of the user; default: the viewer.' })
  userId?: string | null

  @Field(() => String, { nullable: true, description: "Needed for one's own." })
  currentPassword?: string | null

  @Field(() => String, { description: '8 to 256 characters. The other sessions of the user end.' })
  newPassword!: string

  @Field(() => String, { nullable: true, description: 'A repeat with the same key and input does nothing again.' })
  idempotencyKey?: string | null
}

@Access('public')
@ObjectType({ description: 'The user that was changed.', simpleResolvers: true })
export class UserPayload extends Payload {
  @Field(() => User, { nullable: true, description: 'Null when it was refused.' })
  user!: User | null
}
