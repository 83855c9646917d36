import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { RunKind, RunTrigger } from '../../domain/run/events.js'
import type { RunStatus } from '../../domain/run/status.js'
import type { RunCounts as Counts } from '../../projections/run/count-instances.js'
import { Access } from '../access-rule.js'
import { connectionOf } from '../connection.js'
import { Node } from '../node.js'

/** The GraphQL enum RunKind. */
export const RunKindEnum: { readonly [Kind in RunKind]: Kind } = { DAG: 'DAG', TASK: 'TASK', BATCH: 'BATCH' }
registerEnumType(RunKindEnum, {
  name: 'RunKind',
  description: 'What a run executes.',
  valuesConfig: {
    DAG: { description: 'A DAG version.' },
    TASK: { description: 'One task.' },
    BATCH: { description: 'A list of scripts.' },
  },
})

/** The GraphQL enum RunTrigger. */
export const RunTriggerEnum: { readonly [Trigger in RunTrigger]: Trigger } = {
  MANUAL: 'MANUAL',
  SCHEDULE: 'SCHEDULE',
  BACKFILL: 'BACKFILL',
  RERUN: 'RERUN',
  SLA: 'SLA',
}
registerEnumType(RunTriggerEnum, {
  name: 'RunTrigger',
  description: 'What started a run.',
  valuesConfig: {
    MANUAL: { description: 'A user.' },
    SCHEDULE: { description: 'Its schedule.' },
    BACKFILL: { description: 'A backfill.' },
    RERUN: { description: 'A user, after an earlier run.' },
    SLA: { description: 'The action of an SLA.' },
  },
})

/** The GraphQL enum RunStatus. */
export const RunStatusEnum: { readonly [Status in RunStatus]: Status } = {
  QUEUED: 'QUEUED',
  RUNNING: 'RUNNING',
  PAUSED: 'PAUSED',
  CANCELING: 'CANCELING',
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
  CANCELED: 'CANCELED',
  TIMED_OUT: 'TIMED_OUT',
}
registerEnumType(RunStatusEnum, {
  name: 'RunStatus',
  description: 'Where a run stands; ends never change.',
  valuesConfig: {
    QUEUED: { description: 'Accepted, waits for the runs before it.' },
    RUNNING: { description: 'It advances.' },
    PAUSED: { description: 'Nothing of it is dispatched; what runs goes on.' },
    CANCELING: { description: 'What runs of it is being stopped.' },
    SUCCEEDED: { description: 'Nothing failed.' },
    FAILED: { description: 'An instance failed.' },
    CANCELED: { description: 'It was canceled.' },
    TIMED_OUT: { description: 'It took longer than its timeout.' },
  },
})

/** The GraphQL enum ExecutionMode. */
export const ExecutionModeEnum = { SEQUENTIAL: 'SEQUENTIAL', PARALLEL: 'PARALLEL' } as const
registerEnumType(ExecutionModeEnum, {
  name: 'ExecutionMode',
  description: 'How many instances of a run may run at a time.',
  valuesConfig: { SEQUENTIAL: { description: 'One.' }, PARALLEL: { description: 'Several.' } },
})

@Access('action:readProject')
@ObjectType({ description: "A run's instances, counted by what they are doing.", simpleResolvers: true })
export class RunCounts implements Counts {
  @Field(() => Int, { description: 'All of them.' })
  total!: number

  @Field(() => Int, { description: 'PENDING and RETRY_WAIT.' })
  pending!: number

  @Field(() => Int, { description: 'QUEUED.' })
  queued!: number

  @Field(() => Int, { description: 'DISPATCHED, RUNNING and CANCELING.' })
  running!: number

  @Field(() => Int, { description: 'Every end.' })
  completed!: number

  @Field(() => Int, { description: 'SUCCEEDED.' })
  succeeded!: number

  @Field(() => Int, { description: 'FAILED.' })
  failed!: number

  @Field(() => Int, { description: 'ERRORED.' })
  errored!: number

  @Field(() => Int, { description: 'TIMED_OUT.' })
  timedOut!: number

  @Field(() => Int, { description: 'CANCELED.' })
  canceled!: number

  @Field(() => Int, { description: 'SKIPPED.' })
  skipped!: number

  @Field(() => Int, { description: 'UPSTREAM_FAILED.' })
  upstreamFailed!: number

  @Field(() => Int, { description: 'UNKNOWN: contact is lost.' })
  unknown!: number
}

@Access('action:readProject')
@ObjectType({ description: 'What was used, over all attempts.', simpleResolvers: true })
export class ResourceUsage {
  @Field(() => Float, {
    nullable: true,
    description: "Resident memory in 10^6 bytes, over the attempts' time; null where no sample was taken.",
  })
  averageMemoryMb!: number | null

  @Field(() => Float, {
    nullable: true,
    description: "The highest sample of one attempt's memory in 10^6 bytes; null where none was taken.",
  })
  peakMemoryMb!: number | null

  @Field(() => Float, { nullable: true, description: "Over the attempts' time; 100 is one core." })
  averageCpuPercent!: number | null

  @Field(() => Float, { nullable: true, description: 'Seconds of cpu; null while no attempt has reported any.' })
  cpuSeconds!: number | null
}

@Access('action:readProject')
@ObjectType({
  description: 'One execution of a DAG version, of one task or of a list of scripts.',
  implements: Node,
  simpleResolvers: true,
})
export class Run implements Node {
  @Field(() => ID, { description: 'A TypeID, run_...' })
  id!: string

  @Field(() => RunKindEnum, { description: 'What it executes.' })
  kind!: RunKind

  @Field(() => String, { description: "Its DAG's name, or what a single task was called." })
  name!: string

  @Field(() => String, { nullable: true, description: 'For a person.' })
  description!: string | null

  @Field(() => RunStatusEnum, { description: 'Where it stands.' })
  status!: RunStatus

  @Field(() => Int, { description: 'Events in its stream so far: its time axis.' })
  version!: number

  @Field(() => RunTriggerEnum, { description: 'What started it.' })
  trigger!: RunTrigger

  @Field(() => Date, { nullable: true, description: 'The moment that it is about.' })
  logicalDate!: Date | null

  @Field(() => [String], { description: "Its DAG's and its own." })
  tags!: string[]

  @Field(() => Int, { description: "Added to its tasks'; -100 to 100." })
  priority!: number

  @Field(() => Int, { nullable: true, description: 'Instances at a time; null: as many as there is capacity for.' })
  maxParallel!: number | null

  @Field(() => Date, { description: 'When it was requested.' })
  createdAt!: Date

  @Field(() => Date, { nullable: true, description: 'When it began to advance.' })
  startedAt!: Date | null

  @Field(() => Date, { nullable: true, description: 'When it ended.' })
  endedAt!: Date | null

  @Field(() => Date, { description: 'When anything of it happened last.' })
  updatedAt!: Date

  @Field(() => String, { nullable: true, description: 'Why it ended as it did.' })
  errorMessage!: string | null
}

/** RunEdge and RunConnection. */
export const RunConnection = connectionOf(Run, { name: 'Run', isTotalNullable: true })
