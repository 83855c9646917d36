import { ArgsType, Field, ID, InputType, Int, ObjectType } from 'type-graphql'
import type { Verdict } from '../../domain/dag/verdict.js'
import type { InstanceStatus } from '../../domain/run/status.js'
import { Access } from '../access-rule.js'
import { ForwardArgs, PageArgs } from '../paging.js'
import { Payload } from '../payload.js'
import { BigIntScalar } from '../scalars.js'
import { Instance, InstanceStatusEnum, VerdictEnum } from './instance.type.js'

const KEY = 'A repeat with the same key and input does nothing again.'

@InputType({ description: 'Which instances; every given part must hold. Times: from is inclusive, to is not.' })
export class InstanceFilter {
  @Field(() => ID, { nullable: true, description: 'Of this project.' })
  projectId?: string | null

  @Field(() => ID, { nullable: true, description: 'Of this DAG.' })
  dagId?: string | null

  @Field(() => ID, { nullable: true, description: 'Of this run.' })
  runId?: string | null

  @Field(() => [InstanceStatusEnum], { nullable: true, description: 'In one of these.' })
  statuses?: InstanceStatus[] | null

  @Field(() => [String], { nullable: true, description: 'Of one of these tasks.' })
  taskKeys?: string[] | null

  @Field(() => ID, { nullable: true, description: 'Last dispatched to this machine.' })
  machineId?: string | null

  @Field(() => ID, { nullable: true, description: 'Of tasks of this queue.' })
  queueId?: string | null

  @Field(() => VerdictEnum, { nullable: true, description: 'With this verdict.' })
  verdict?: Verdict | null

  @Field(() => String, { nullable: true, description: 'Of the script with exactly this path.' })
  scriptPath?: string | null

  @Field(() => String, { nullable: true, description: 'Of scripts of this module.' })
  module?: string | null

  @Field(() => [String], { nullable: true, description: "With all of these, the run's or the task's." })
  tags?: string[] | null

  @Field(() => Date, { nullable: true, description: 'Started then or later.' })
  startedFrom?: Date | null

  @Field(() => Date, { nullable: true, description: 'Started before.' })
  startedTo?: Date | null
}

@ArgsType()
export class InstancesOfArgs extends ForwardArgs {
  @Field(() => InstanceFilter, { nullable: true, description: 'Which of them.' })
  filter?: InstanceFilter | null
}

@ArgsType()
export class InstanceListArgs extends PageArgs {
  @Field(() => InstanceFilter, { nullable: true, description: 'Which of them.' })
  filter?: InstanceFilter | null
}

@ArgsType()
export class LogArgs {
  @Field(() => Int, { nullable: true, description: 'Which attempt; default the last.' })
  attempt?: number | null

  @Field(() => BigIntScalar, { nullable: true, description: 'What is known already: an offset or endOffset before.' })
  afterOffset?: number | null

  @Field(() => Int, { nullable: true, defaultValue: 65_536, description: 'At most 1,048,576.' })
  maxBytes?: number | null

  @Field(() => Int, { nullable: true, description: 'Only the end of what there is; not together with afterOffset.' })
  lastBytes?: number | null
}

@ArgsType()
export class MetricsArgs {
  @Field(() => Int, { nullable: true, description: 'Which attempt; default the last.' })
  attempt?: number | null

  @Field(() => Int, { nullable: true, defaultValue: 500, description: 'At most 2,000.' })
  maxPoints?: number | null
}

@InputType({ description: 'Ends a RETRY_WAIT early; an ended instance is run again by rerun.' })
export class RetryInstanceInput {
  @Field(() => ID, { description: 'Of the instance.' })
  instanceId!: string

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'The end of an instance by hand.' })
export class CancelInstanceInput {
  @Field(() => ID, { description: 'Of the instance.' })
  instanceId!: string

  @Field(() => String, { nullable: true, description: 'Why; everyone who sees the run reads it.' })
  reason?: string | null

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({
  description:
    'Decides by hand the end of an instance that has not ended: SUCCEEDED, FAILED, SKIPPED or CANCELED. Forcing an UNKNOWN one vouches that its process is gone.',
})
export class ForceInstanceInput {
  @Field(() => ID, { description: 'Of the instance.' })
  instanceId!: string

  @Field(() => InstanceStatusEnum, { description: 'SUCCEEDED, FAILED, SKIPPED or CANCELED.' })
  status!: InstanceStatus

  @Field(() => String, { description: 'Why; at most 1,000 characters.' })
  reason!: string

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@Access('public')
@ObjectType({ description: 'The instance that was changed.', simpleResolvers: true })
export class InstancePayload extends Payload {
  @Field(() => Instance, { nullable: true, description: 'Null when it was refused.' })
  instance!: Instance | null
}
