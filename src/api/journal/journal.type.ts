import { Field, ObjectType } from 'type-graphql'
import { Access } from '../access-rule.js'
import { BigIntScalar, PositionScalar } from '../scalars.js'

@Access('signedIn')
@ObjectType({ description: 'How a read model stands to the journal.', simpleResolvers: true })
export class ProjectionHealth {
  @Field(() => String, { description: 'Its name.' })
  name!: string

  @Field(() => PositionScalar, { description: 'Up to where it has been computed.' })
  position!: number

  @Field(() => BigIntScalar, { description: 'Events that it is behind: none, as it is written with them.' })
  lag!: number

  @Field(() => Boolean, { nullable: true, description: 'Of the last check by rebuild; null: there was none.' })
  matchesReplay!: boolean | null

  @Field(() => Date, { nullable: true, description: 'When that check was.' })
  checkedAt!: Date | null
}

@Access('signedIn')
@ObjectType({ description: 'The append-only history of everything.', simpleResolvers: true })
export class Journal {
  @Field(() => PositionScalar, { description: 'Of the newest event; 0: there is none yet.' })
  headPosition!: number
}
