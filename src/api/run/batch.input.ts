import { Field, Float, ID, InputType, Int } from 'type-graphql'
import type { JsonObject } from '../../domain/json.js'
import { type ExecutorType, ExecutorTypeEnum } from '../dag/task.type.js'
import { JsonObjectScalar } from '../json-scalars.js'
import { ExecutionModeEnum } from './run.type.js'

@InputType({ description: 'One script of a batch: a file on the machine.' })
export class BatchScriptInput {
  @Field(() => String, { description: "On the machine; a relative one begins in the machine's default directory." })
  path!: string

  @Field(() => [String], { nullable: true, description: 'Passed as they are; at most 1,000.' })
  arguments?: string[] | null

  @Field(() => String, { nullable: true, description: 'What runs it; default by its extension, or its own #! line.' })
  interpreter?: string | null

  @Field(() => String, {
    nullable: true,
    description: "To find it by, 1 to 200 characters; default the path's folder.",
  })
  module?: string | null

  @Field(() => Float, { nullable: true, description: 'Of its execution; default none.' })
  timeoutSeconds?: number | null

  @Field(() => ExecutorTypeEnum, {
    nullable: true,
    description:
      'PROCESS, which is the default. THREAD: the path is a module of the server, whose default function gets `{ arguments }`.',
  })
  executor?: ExecutorType | null
}

@InputType({ description: 'A list of scripts to run, as one run of the kind BATCH.' })
export class RunBatchInput {
  @Field(() => ID, { description: 'Whose run it is.' })
  projectId!: string

  @Field(() => String, { description: "The run's name, 1 to 200 characters." })
  name!: string

  @Field(() => String, { nullable: true, description: 'For a person; at most 5,000 characters.' })
  description?: string | null

  @Field(() => [BatchScriptInput], {
    description: '1 to 10,000, in the order in which they begin. A path may come again.',
  })
  scripts!: BatchScriptInput[]

  @Field(() => ExecutionModeEnum, { description: 'SEQUENTIAL: each begins when the one before has ended.' })
  mode!: 'SEQUENTIAL' | 'PARALLEL'

  @Field(() => Int, { nullable: true, description: 'Of PARALLEL; default as many as there is capacity for.' })
  maxParallel?: number | null

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether a failure skips what has not been dispatched; default no.',
  })
  stopOnFailure?: boolean | null

  @Field(() => ID, { nullable: true, description: "Where they run; default any machine of the queue's pool." })
  machineId?: string | null

  @Field(() => ID, { nullable: true, description: 'Where they wait; default the queue default.' })
  queueId?: string | null

  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: 'Where verdicts are read: as `verdict` in a DAG file.',
  })
  verdictRules?: JsonObject | null

  @Field(() => String, { nullable: true, description: 'A repeat with the same key and input does nothing again.' })
  idempotencyKey?: string | null
}
