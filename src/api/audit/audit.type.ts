import { ArgsType, Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql'
import type { JsonObject } from '../../domain/json.js'
import { Access } from '../access-rule.js'
import { connectionOf } from '../connection.js'
import { JsonObjectScalar } from '../json-scalars.js'
import { Node } from '../node.js'
import { PageArgs } from '../paging.js'
import { PositionScalar } from '../scalars.js'

/** The GraphQL enum AuditOutcome. */
export const AuditOutcomeEnum = { SUCCESS: 'SUCCESS', FAILED: 'FAILED', DENIED: 'DENIED' } as const
registerEnumType(AuditOutcomeEnum, {
  name: 'AuditOutcome',
  description: 'What came of what was tried.',
  valuesConfig: {
    SUCCESS: { description: 'It was done.' },
    FAILED: { description: 'It was refused for what the input or the state was.' },
    DENIED: { description: 'Whoever tried may not do it.' },
  },
})

@Access('action:readAuditLog')
@ObjectType({ description: 'Who did or tried what, when and from where.', implements: Node, simpleResolvers: true })
export class AuditEntry implements Node {
  @Field(() => ID, { description: 'audit_<position> for a change, a TypeID, access_..., for what changed nothing.' })
  id!: string

  @Field(() => PositionScalar, {
    nullable: true,
    description: 'Of the event; null for what changed nothing: sign-ins, refusals, denials.',
  })
  position!: number | null

  @Field(() => String, { description: "The event's type, or what was tried: signIn, createUser ..." })
  action!: string

  @Field(() => String, {
    description: 'What it was about: User, Project, Dag, Run ...; Access where it is nothing else.',
  })
  entityType!: string

  @Field(() => ID, { nullable: true, description: 'Of what it was about.' })
  entityId!: string | null

  @Field(() => JsonObjectScalar, {
    description: 'Of a change: `before` and `after`; of an attempt what is known of it. Long values are left out.',
  })
  details!: JsonObject

  @Field(() => AuditOutcomeEnum, { description: 'What came of it.' })
  outcome!: keyof typeof AuditOutcomeEnum

  @Field(() => String, { nullable: true, description: 'Why it was refused.' })
  errorMessage!: string | null

  @Field(() => String, { nullable: true, description: 'Where it came from; null for Dagbook itself.' })
  ipAddress!: string | null

  @Field(() => Date, { description: 'When.' })
  createdAt!: Date

  /** A user's, a token's or a node's id, or `system`. */
  actor!: string | null
  /** As it was typed. */
  typed!: string | null
  accessId!: string
}

/** AuditEntryEdge and AuditEntryConnection. */
export const AuditEntryConnection = connectionOf(AuditEntry, { name: 'AuditEntry', isTotalNullable: true })

@InputType({ description: 'Which entries; all that is given must hold.' })
export class AuditFilter {
  @Field(() => String, { nullable: true, description: 'Exactly this action.' })
  action?: string | null

  @Field(() => String, { nullable: true, description: 'About this kind of thing: User, Project, Dag, Run ...' })
  entityType?: string | null

  @Field(() => ID, { nullable: true, description: 'About this thing.' })
  entityId?: string | null

  @Field(() => ID, { nullable: true, description: 'By this user, or a token of theirs.' })
  userId?: string | null

  @Field(() => AuditOutcomeEnum, { nullable: true, description: 'With this outcome.' })
  outcome?: keyof typeof AuditOutcomeEnum | null

  @Field(() => Date, { nullable: true, description: 'At this time or later.' })
  from?: Date | null

  @Field(() => Date, { nullable: true, description: 'Before this time.' })
  to?: Date | null
}

@ArgsType()
export class AuditListArgs extends PageArgs {
  @Field(() => AuditFilter, { nullable: true, description: 'Which entries.' })
  filter?: AuditFilter | null
}
