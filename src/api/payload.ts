import { Field, ObjectType } from 'type-graphql'
import { Access } from './access-rule.js'
import { PositionScalar } from './scalars.js'
import { UserError } from './user-error.js'

/** What every payload of a mutation ends with; payload classes extend it. */
@Access('public')
@ObjectType({ simpleResolvers: true })
export abstract class Payload {
  @Field(() => [UserError], { description: 'What the caller can correct; then nothing was changed.' })
  userErrors!: UserError[]

  @Field(() => PositionScalar, {
    nullable: true,
    description: 'Of the last event that this caused; null if it caused none.',
  })
  position!: number | null
}
