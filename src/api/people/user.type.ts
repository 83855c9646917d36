import { Field, ID, ObjectType, registerEnumType } from 'type-graphql'
import type { Role } from '../../domain/user/user.js'
import { Access } from '../access-rule.js'
import { connectionOf } from '../connection.js'
import { Node } from '../node.js'

/** The GraphQL enum Role. */
export const RoleEnum: { readonly [Name in Role]: Name } = { ADMIN: 'ADMIN', USER: 'USER' }
registerEnumType(RoleEnum, {
  name: 'Role',
  description: 'What a user may do on the whole platform.',
  valuesConfig: {
    ADMIN: { description: 'Everything.' },
    USER: { description: 'What its permissions and its roles in projects allow.' },
  },
})

@Access('signedIn')
@ObjectType({ description: 'Somebody who can sign in.', implements: Node, simpleResolvers: true })
export class User implements Node {
  @Field(() => ID, { description: 'A TypeID, user_...' })
  id!: string

  @Field(() => String, { description: 'What one signs in with.' })
  username!: string

  @Access('self-or-permission:users')
  @Field(() => String, { nullable: true, description: 'Null for others, unless they manage users.' })
  email!: string | null

  @Field(() => String, { nullable: true, description: 'The name for people to read.' })
  fullName!: string | null

  @Field(() => RoleEnum, { description: 'On the whole platform.' })
  role!: Role

  @Field(() => [String], { description: 'What the user may manage besides: queues, pools, machines, users ...' })
  permissions!: string[]

  @Field(() => Boolean, { description: 'Whether the user may sign in.' })
  isActive!: boolean

  @Field(() => Date, { description: 'When the user was registered.' })
  registeredAt!: Date

  @Field(() => Date, { description: 'When the user was made.' })
  createdAt!: Date

  @Access('self-or-permission:users')
  @Field(() => Date, {
    nullable: true,
    description: 'Null for others, unless they manage users, and before the first.',
  })
  lastLoginAt!: Date | null

  @Field(() => Date, { description: 'When anything of it changed last.' })
  updatedAt!: Date
}

/** UserEdge and UserConnection. */
export const UserConnection = connectionOf(User, { name: 'User' })
