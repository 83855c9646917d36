import { Field, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { Catchup, OverlapPolicy, RepeatedTime, SkippedTime } from '../../domain/schedule/schedule-definition.js'
import { Access } from '../access-rule.js'

/** The GraphQL enum OverlapPolicy. */
export const OverlapPolicyEnum: { readonly [Policy in OverlapPolicy]: Policy } = {
  SKIP: 'SKIP',
  BUFFER_ONE: 'BUFFER_ONE',
  BUFFER_ALL: 'BUFFER_ALL',
  CANCEL_OTHER: 'CANCEL_OTHER',
  TERMINATE_OTHER: 'TERMINATE_OTHER',
  ALLOW_ALL: 'ALLOW_ALL',
}
registerEnumType(OverlapPolicyEnum, {
  name: 'OverlapPolicy',
  description: 'What happens when a schedule fires while runs that it started have not ended.',
  valuesConfig: {
    SKIP: { description: 'It does not fire.' },
    BUFFER_ONE: { description: 'One run waits for those before it.' },
    BUFFER_ALL: { description: 'Up to 1,000 runs wait for those before them.' },
    CANCEL_OTHER: { description: 'The others are canceled, and the new run waits for their ends.' },
    TERMINATE_OTHER: { description: 'The others are canceled, and the new run does not wait.' },
    ALLOW_ALL: { description: 'They run side by side.' },
  },
})

/** The GraphQL enum Catchup. */
export const CatchupEnum: { readonly [Kind in Catchup]: Kind } = { NONE: 'NONE', LAST: 'LAST', ALL: 'ALL' }
registerEnumType(CatchupEnum, {
  name: 'Catchup',
  description: 'Which of the times are made up for that passed while no scheduler ran.',
  valuesConfig: {
    NONE: { description: 'None.' },
    LAST: { description: 'The last of them.' },
    ALL: { description: 'All of them.' },
  },
})

/** The GraphQL enum SkippedTime. */
export const SkippedTimeEnum: { readonly [Kind in SkippedTime]: Kind } = {
  SKIP: 'SKIP',
  SHIFT_FORWARD: 'SHIFT_FORWARD',
}
registerEnumType(SkippedTimeEnum, {
  name: 'SkippedTime',
  description: 'What becomes of a local time that the clocks jump over.',
  valuesConfig: {
    SKIP: { description: 'Nothing.' },
    SHIFT_FORWARD: { description: 'It is later by as much as they jump.' },
  },
})

/** The GraphQL enum RepeatedTime. */
export const RepeatedTimeEnum: { readonly [Kind in RepeatedTime]: Kind } = {
  FIRST: 'FIRST',
  LAST: 'LAST',
  BOTH: 'BOTH',
}
registerEnumType(RepeatedTimeEnum, {
  name: 'RepeatedTime',
  description: 'Which occurrence is meant by a local time that comes twice.',
  valuesConfig: {
    FIRST: { description: 'The first.' },
    LAST: { description: 'The last.' },
    BOTH: { description: 'Both.' },
  },
})

@Access('action:readProject')
@ObjectType({ description: 'How often a schedule fired, and did not fire and why.', simpleResolvers: true })
export class ScheduleCounters {
  @Field(() => Int, { description: 'Runs that it has asked for.' })
  fired!: number

  @Field(() => Int, { description: 'Times that passed while no scheduler ran and were not made up for.' })
  missed!: number

  @Field(() => Int, { description: 'Times at which other runs were in the way.' })
  skipped!: number

  @Field(() => Int, { description: 'Times at which too many runs waited already.' })
  dropped!: number
}

@Access('action:readProject')
@ObjectType({ description: 'When a DAG runs by itself.', simpleResolvers: true })
export class Schedule {
  @Field(() => [String], { description: 'It fires whenever one of them does; none: it has an interval.' })
  crons!: readonly string[]

  @Field(() => Int, { nullable: true, description: 'Null: it has expressions.' })
  intervalSeconds!: number | null

  @Field(() => String, { description: 'Whose clocks the expressions are about.' })
  timezone!: string

  @Field(() => Date, { nullable: true, description: 'It does not fire before.' })
  startsAt!: Date | null

  @Field(() => Date, { nullable: true, description: 'It does not fire after.' })
  endsAt!: Date | null

  @Field(() => OverlapPolicyEnum, { description: 'When runs that it started have not ended.' })
  overlapPolicy!: OverlapPolicy

  @Field(() => CatchupEnum, { description: 'After times at which no scheduler ran.' })
  catchup!: Catchup

  @Field(() => Int, { description: 'What is later than that is not made up for.' })
  catchupWindowSeconds!: number

  @Field(() => Int, { description: 'By up to so much each run is held back.' })
  jitterSeconds!: number

  @Field(() => SkippedTimeEnum, { description: 'For local times that the clocks jump over.' })
  onSkippedTime!: SkippedTime

  @Field(() => RepeatedTimeEnum, { description: 'Default LAST; BOTH for what fires every hour or more often.' })
  onRepeatedTime!: RepeatedTime

  @Field(() => ScheduleCounters, { description: 'Since the DAG has had a schedule.' })
  counters!: ScheduleCounters
}
