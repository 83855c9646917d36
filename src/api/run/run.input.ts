import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { JsonObject } from '../../domain/json.js'
import type { RerunScope, RunKind, RunTrigger } from '../../domain/run/events.js'
import type { RunStatus } from '../../domain/run/status.js'
import type { RunOrderField } from '../../projections/run/list-runs.js'
import { Access } from '../access-rule.js'
import { JsonObjectScalar } from '../json-scalars.js'
import { ForwardArgs, PageArgs } from '../paging.js'
import { Payload } from '../payload.js'
import { Run, RunKindEnum, RunStatusEnum, RunTriggerEnum } from './run.type.js'

const KEY = 'A repeat with the same key and input does nothing again.'

const RunOrderFieldEnum: { readonly [Field in RunOrderField]: Field } = {
  CREATED_AT: 'CREATED_AT',
  STARTED_AT: 'STARTED_AT',
  ENDED_AT: 'ENDED_AT',
  DURATION: 'DURATION',
}
registerEnumType(RunOrderFieldEnum, {
  name: 'RunOrderField',
  description: 'By what runs are ordered. What has not happened yet counts as later, and longer, than all that has.',
  valuesConfig: {
    CREATED_AT: { description: 'When they were requested.' },
    STARTED_AT: { description: 'When they began.' },
    ENDED_AT: { description: 'When they ended.' },
    DURATION: { description: 'From start to end.' },
  },
})

const OrderDirectionEnum = { ASC: 'ASC', DESC: 'DESC' } as const
registerEnumType(OrderDirectionEnum, {
  name: 'OrderDirection',
  description: 'Which end of an order comes first.',
  valuesConfig: { ASC: { description: 'The least.' }, DESC: { description: 'The greatest.' } },
})

const RerunScopeEnum: { readonly [Scope in RerunScope]: Scope } = {
  ALL: 'ALL',
  FAILED: 'FAILED',
  TASKS: 'TASKS',
  TASKS_AND_DOWNSTREAM: 'TASKS_AND_DOWNSTREAM',
}
registerEnumType(RerunScopeEnum, {
  name: 'RerunScope',
  description: 'What a rerun runs again; what it does not appears with its old end and output.',
  valuesConfig: {
    ALL: { description: 'Everything.' },
    FAILED: { description: 'Everything that failed.' },
    TASKS: { description: 'The tasks named.' },
    TASKS_AND_DOWNSTREAM: { description: 'The tasks named and all that follow on them.' },
  },
})

@InputType({ description: 'Which runs; every given part must hold. Times: from is inclusive, to is not.' })
export class RunFilter {
  @Field(() => ID, { nullable: true, description: 'Of this project.' })
  projectId?: string | null

  @Field(() => ID, { nullable: true, description: 'Of this DAG.' })
  dagId?: string | null

  @Field(() => RunKindEnum, { nullable: true, description: 'Of this kind.' })
  kind?: RunKind | null

  @Field(() => [RunStatusEnum], { nullable: true, description: 'In one of these.' })
  statuses?: RunStatus[] | null

  @Field(() => [RunTriggerEnum], { nullable: true, description: 'Started by one of these.' })
  triggers?: RunTrigger[] | null

  @Field(() => [String], { nullable: true, description: 'With all of these.' })
  tags?: string[] | null

  @Field(() => ID, { nullable: true, description: 'Started by this user.' })
  createdById?: string | null

  @Field(() => String, { nullable: true, description: 'Part of the name, in either case.' })
  search?: string | null

  @Field(() => Date, { nullable: true, description: 'Requested then or later.' })
  createdFrom?: Date | null

  @Field(() => Date, { nullable: true, description: 'Requested before.' })
  createdTo?: Date | null

  @Field(() => Date, { nullable: true, description: 'About then or later.' })
  logicalDateFrom?: Date | null

  @Field(() => Date, { nullable: true, description: 'About before.' })
  logicalDateTo?: Date | null

  @Field(() => ID, { nullable: true, description: 'Reruns of this run.' })
  parentRunId?: string | null

  @Field(() => ID, { nullable: true, description: 'Of this backfill.' })
  backfillId?: string | null
}

@InputType({ description: 'An order of runs; ties by id.' })
export class RunOrder {
  @Field(() => RunOrderFieldEnum, { description: 'By what.' })
  field!: RunOrderField

  @Field(() => OrderDirectionEnum, { description: 'Which end comes first.' })
  direction!: 'ASC' | 'DESC'
}

@ArgsType()
export class ProjectRunsArgs extends ForwardArgs {
  @Field(() => RunFilter, { nullable: true, description: 'Which of them.' })
  filter?: RunFilter | null
}

@ArgsType()
export class RunsOfArgs extends PageArgs {
  @Field(() => RunFilter, { nullable: true, description: 'Which of them.' })
  filter?: RunFilter | null
}

@ArgsType()
export class RunListArgs extends RunsOfArgs {
  @Field(() => RunOrder, { nullable: true, description: 'Default: newest first.' })
  orderBy?: RunOrder | null
}

@InputType({ description: 'A run of a DAG by hand.' })
export class TriggerRunInput {
  @Field(() => ID, { description: 'Of the DAG.' })
  dagId!: string

  @Field(() => Int, { nullable: true, description: "Of the DAG's version; default the latest." })
  version?: number | null

  @Field(() => JsonObjectScalar, { nullable: true, description: 'Checked by parametersSchema; defaults are applied.' })
  parameters?: JsonObject | null

  @Field(() => Date, { nullable: true, description: 'The moment that it is about.' })
  logicalDate?: Date | null

  @Field(() => [String], { nullable: true, description: "Besides the DAG's; at most 50 of 100 characters." })
  tags?: string[] | null

  @Field(() => Int, { nullable: true, description: '-100 to 100; default 0.' })
  priority?: number | null

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'One task alone: a template, or a task as a DAG file writes it.' })
export class RunTaskInput {
  @Field(() => ID, { description: 'Whose run it is.' })
  projectId!: string

  @Field(() => String, { description: "The run's name, 1 to 200 characters." })
  name!: string

  @Field(() => String, { nullable: true, description: 'By name; instead of task.' })
  template?: string | null

  @Field(() => Int, { nullable: true, description: "Of the template's version; default the latest." })
  templateVersion?: number | null

  @Field(() => JsonObjectScalar, { nullable: true, description: 'Checked by the parametersSchema of the template.' })
  parameters?: JsonObject | null

  @Field(() => JsonObjectScalar, { nullable: true, description: 'As in a DAG file, without needs, when and if.' })
  task?: JsonObject | null

  @Field(() => [String], { nullable: true, description: "Besides the task's; at most 50 of 100 characters." })
  tags?: string[] | null

  @Field(() => Int, { nullable: true, description: '-100 to 100; default 0.' })
  priority?: number | null

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'The end of a run by hand.' })
export class CancelRunInput {
  @Field(() => ID, { description: 'Of the run.' })
  runId!: string

  @Field(() => String, { nullable: true, description: 'Why; everyone who sees the run reads it.' })
  reason?: string | null

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'A run that shall dispatch nothing for now.' })
export class PauseRunInput {
  @Field(() => ID, { description: 'Of the run.' })
  runId!: string

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'A paused run that shall go on.' })
export class ResumeRunInput {
  @Field(() => ID, { description: 'Of the run.' })
  runId!: string

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'Another priority of a run.' })
export class SetRunPriorityInput {
  @Field(() => ID, { description: 'Of the run.' })
  runId!: string

  @Field(() => Int, { description: "Added to its tasks'; -100 to 100." })
  priority!: number

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'A new run after one that has ended.' })
export class RerunInput {
  @Field(() => ID, { description: 'Of the run that has ended.' })
  runId!: string

  @Field(() => RerunScopeEnum, { description: 'What is run again.' })
  scope!: RerunScope

  @Field(() => [String], { nullable: true, description: 'With the scopes TASKS and TASKS_AND_DOWNSTREAM.' })
  taskKeys?: string[] | null

  @Field(() => Int, { nullable: true, description: "Of the DAG's version; default the run's." })
  version?: number | null

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@Access('public')
@ObjectType({ description: 'The run that was started or changed.', simpleResolvers: true })
export class RunPayload extends Payload {
  @Field(() => Run, { nullable: true, description: 'Null when it was refused.' })
  run!: Run | null
}
