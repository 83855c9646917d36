import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { BackfillReprocess } from '../../domain/backfill/backfill.js'
import { Access } from '../access-rule.js'
import { Payload } from '../payload.js'
import { Backfill } from './backfill.type.js'

const KEY = 'A repeat with the same key and input does nothing again.'

const BackfillReprocessEnum: { readonly [Kind in BackfillReprocess]: Kind } = {
  NONE: 'NONE',
  FAILED: 'FAILED',
  COMPLETED: 'COMPLETED',
}
registerEnumType(BackfillReprocessEnum, {
  name: 'BackfillReprocess',
  description: 'Which logical dates are run that have a run already; never those whose run has not ended.',
  valuesConfig: {
    NONE: { description: 'None of them.' },
    FAILED: { description: 'Those whose last run did not succeed.' },
    COMPLETED: { description: 'All of them.' },
  },
})

@InputType({ description: 'The times of a range.' })
export class BackfillDagInput {
  @Field(() => ID, { description: 'Of the DAG; it needs a schedule, and may be disabled.' })
  dagId!: string

  @Field(() => Date, { description: 'The first time, included.' })
  from!: Date

  @Field(() => Date, { description: 'The last time, included.' })
  to!: Date

  @Field(() => BackfillReprocessEnum, { nullable: true, description: 'Default NONE.' })
  reprocess?: BackfillReprocess | null

  @Field(() => Int, { nullable: true, description: 'So many of its runs at a time, in their order; default 1.' })
  maxActiveRuns?: number | null

  @Field(() => Boolean, { nullable: true, description: 'Only say what would be run.' })
  isDryRun?: boolean | null

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'A backfill that shall run no further.' })
export class CancelBackfillInput {
  @Field(() => ID, { description: 'Of the backfill.' })
  backfillId!: string

  @Field(() => String, { nullable: true, description: 'Why; everyone who sees its runs reads it.' })
  reason?: string | null

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@Access('public')
@ObjectType({ description: 'What is run, or would be.', simpleResolvers: true })
export class BackfillDagPayload extends Payload {
  @Field(() => [Date], { description: 'Of its runs.' })
  logicalDates!: readonly Date[]

  @Field(() => Backfill, {
    nullable: true,
    description: 'Null for a dry run, when nothing is to be run, and when refused.',
  })
  backfill!: Backfill | null
}

@Access('public')
@ObjectType({ description: 'The backfill that was changed.', simpleResolvers: true })
export class BackfillPayload extends Payload {
  @Field(() => Backfill, { nullable: true, description: 'Null when it was refused.' })
  backfill!: Backfill | null
}
