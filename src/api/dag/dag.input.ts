import { ArgsType, Field, ID, InputType, Int, ObjectType } from 'type-graphql'
import type { DefinitionProblem as Problem } from '../../definitions/definition-report.js'
import type { JsonObject } from '../../domain/json.js'
import type { RejectionCode } from '../../domain/rejection.js'
import type { DagState } from '../../projections/dag/dag-row.js'
import { Access } from '../access-rule.js'
import { JsonObjectScalar } from '../json-scalars.js'
import { ForwardArgs } from '../paging.js'
import { Payload } from '../payload.js'
import { UserErrorCodeEnum } from '../user-error.js'
import { Dag, DagStateEnum, DagVersion } from './dag.type.js'

const KEY = 'A repeat with the same key and input does nothing again.'

@InputType({ description: 'Which DAGs; every given part must hold.' })
export class DagFilter {
  @Field(() => ID, { nullable: true, description: 'Of this project.' })
  projectId?: string | null

  @Field(() => String, { nullable: true, description: 'Part of the name or the description, in either case.' })
  search?: string | null

  @Field(() => String, { nullable: true, description: 'Of this classification.' })
  taskType?: string | null

  @Field(() => Boolean, { nullable: true, description: 'Whether the schedule fires.' })
  isEnabled?: boolean | null

  @Field(() => [DagStateEnum], { nullable: true, description: 'One of these.' })
  states?: DagState[] | null
}

@ArgsType()
export class DagListArgs extends ForwardArgs {
  @Field(() => DagFilter, { nullable: true, description: 'Which of them.' })
  filter?: DagFilter | null
}

@ArgsType()
export class TaskListArgs extends ForwardArgs {
  @Field(() => ID, { nullable: true, description: 'Of this project.' })
  projectId?: string | null

  @Field(() => ID, { nullable: true, description: 'Of this DAG.' })
  dagId?: string | null

  @Field(() => String, { nullable: true, description: 'Part of the key or the name, in either case.' })
  search?: string | null
}

@InputType({ description: '`source` is the DAG definition as YAML or JSON text.' })
export class PublishDagInput {
  @Field(() => ID, { description: 'Whose DAG it is.' })
  projectId!: string

  @Field(() => String, { description: 'YAML or JSON, at most 10 MB.' })
  source!: string

  @Field(() => Int, {
    nullable: true,
    description: 'The number taken for the latest; 0: none yet. CONFLICT if it is not.',
  })
  expectedVersion?: number | null

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'Whether the schedule of a DAG fires.' })
export class SetDagEnabledInput {
  @Field(() => ID, { description: 'Of the DAG.' })
  dagId!: string

  @Field(() => Boolean, { description: 'True: it fires.' })
  isEnabled!: boolean

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: 'The end of a DAG.' })
export class DeleteDagInput {
  @Field(() => ID, { description: 'Of the DAG.' })
  dagId!: string

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@Access('public')
@ObjectType({ description: 'One thing in a DAG file that has to change, and where.', simpleResolvers: true })
export class DefinitionProblem implements Problem {
  @Field(() => String, { description: 'For a person: subject, rule, given value.' })
  message!: string

  @Field(() => UserErrorCodeEnum, { description: 'For a program.' })
  code!: RejectionCode

  @Field(() => [String], { description: 'Keys and indexes from the top of the file.' })
  path!: readonly string[]

  @Field(() => Int, { nullable: true, description: 'From 1; null for what has no place in the file.' })
  line!: number | null

  @Field(() => Int, { nullable: true, description: 'From 1, in UTF-16 code units; null when the line is.' })
  column!: number | null
}

@Access('public')
@ObjectType({ description: 'What is to be said about a DAG file.', simpleResolvers: true })
export class DefinitionReport {
  @Field(() => Boolean, { description: 'Whether it could be published.' })
  isValid!: boolean

  @Field(() => [DefinitionProblem], { description: 'By position; at most 100, and one that says how many more.' })
  problems!: readonly DefinitionProblem[]

  @Field(() => JsonObjectScalar, { nullable: true, description: 'What the file says; null when there is a problem.' })
  definition!: JsonObject | null
}

@Access('public')
@ObjectType({ description: 'The DAG and the version that its source has now.', simpleResolvers: true })
export class PublishDagPayload extends Payload {
  @Field(() => Dag, { nullable: true, description: 'Null when it was refused.' })
  dag!: Dag | null

  @Field(() => DagVersion, { nullable: true, description: 'The new version, or the one that had this source already.' })
  dagVersion!: DagVersion | null

  @Field(() => [DefinitionProblem], { description: 'What is wrong with the source, as checkDag reports it.' })
  problems!: readonly DefinitionProblem[]
}

@Access('public')
@ObjectType({ description: 'The DAG that was changed.', simpleResolvers: true })
export class DagPayload extends Payload {
  @Field(() => Dag, { nullable: true, description: 'Null when it was refused.' })
  dag!: Dag | null
}
