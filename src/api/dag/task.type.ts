import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import { type Backoff, TRIGGER_RULES, type TriggerRule } from '../../domain/dag/definition.js'
import { Access } from '../access-rule.js'
import { connectionOf } from '../connection.js'
import { Node } from '../node.js'

const TriggerRuleEnum = Object.fromEntries(TRIGGER_RULES.map((rule) => [rule, rule])) as {
  [Rule in TriggerRule]: Rule
}
registerEnumType(TriggerRuleEnum, {
  name: 'TriggerRule',
  description: "When a task may run, by the ends of what it needs. Airflow's names.",
  valuesConfig: {
    ALL_SUCCESS: { description: 'All have succeeded.' },
    ALL_FAILED: { description: 'All have failed.' },
    ALL_DONE: { description: 'All have ended.' },
    ALL_DONE_MIN_ONE_SUCCESS: { description: 'All have ended, and one has succeeded.' },
    ONE_SUCCESS: { description: 'One has succeeded.' },
    ONE_FAILED: { description: 'One has failed.' },
    ONE_DONE: { description: 'One has succeeded or failed.' },
    NONE_FAILED: { description: 'All have ended and none has failed.' },
    NONE_SKIPPED: { description: 'All have ended and none was skipped.' },
    NONE_FAILED_MIN_ONE_SUCCESS: { description: 'All have ended, none has failed, and one has succeeded.' },
    ALL_SKIPPED: { description: 'All were skipped.' },
    ALWAYS: { description: 'It waits for nothing.' },
  },
})

/** The GraphQL enum ExecutorType. */
export const ExecutorTypeEnum = { PROCESS: 'PROCESS', THREAD: 'THREAD' } as const
export type ExecutorType = keyof typeof ExecutorTypeEnum

export function executorOf(engine: string): ExecutorType {
  return engine === 'thread' ? 'THREAD' : 'PROCESS'
}

registerEnumType(ExecutorTypeEnum, {
  name: 'ExecutorType',
  description: 'What an instance is executed in.',
  valuesConfig: { PROCESS: { description: 'A process.' }, THREAD: { description: 'A thread of a server.' } },
})

const BackoffEnum: { readonly [Name in Backoff]: Name } = {
  CONSTANT: 'CONSTANT',
  LINEAR: 'LINEAR',
  EXPONENTIAL: 'EXPONENTIAL',
}
registerEnumType(BackoffEnum, {
  name: 'Backoff',
  description: 'How the delay grows from attempt to attempt.',
  valuesConfig: {
    CONSTANT: { description: 'Not at all.' },
    LINEAR: { description: 'By as much each time.' },
    EXPONENTIAL: { description: 'It doubles.' },
  },
})

@Access('action:readProject')
@ObjectType({ description: 'How often and when a failed instance is tried again.', simpleResolvers: true })
export class RetryPolicy {
  @Field(() => Int, { description: 'Counts the first one too.' })
  maxAttempts!: number

  @Field(() => Float, { description: 'Before the second attempt.' })
  delaySeconds!: number

  @Field(() => BackoffEnum, { description: 'How the delay grows.' })
  backoff!: Backoff

  @Field(() => Float, { description: 'The longest delay.' })
  maxDelaySeconds!: number

  @Field(() => Boolean, { description: 'Whether a delay is cut by chance, to half of it at most.' })
  jitter!: boolean

  @Field(() => [Int], { nullable: true, description: 'Only these are tried again; null: every failure.' })
  retryOnExitCodes!: number[] | null
}

@Access('action:readProject')
@ObjectType({ description: 'What an instance holds while it runs.', simpleResolvers: true })
export class ResourceRequest {
  @Field(() => Float, { description: 'In cpus.' })
  cpu!: number

  @Field(() => Float, { description: 'In MB of 10^6 bytes.' })
  memoryMb!: number
}

@Access('action:readProject')
@ObjectType({
  description: 'A node of a DAG version: what to run, where, and with which limits.',
  implements: Node,
  simpleResolvers: true,
})
export class Task implements Node {
  @Field(() => ID, { description: 'A TypeID, task_..., of this version.' })
  id!: string

  @Field(() => String, { description: 'Unique in its DAG.' })
  key!: string

  @Field(() => String, { description: 'The key, unless the file names it otherwise.' })
  name!: string

  @Field(() => String, { description: 'How it is executed: shell, script, http, thread, noop.' })
  engine!: string

  @Field(() => Int, { description: "Added to the run's; -100 to 100." })
  priority!: number

  @Field(() => TriggerRuleEnum, { description: 'When it may run.' })
  triggerRule!: TriggerRule

  @Field(() => String, { nullable: true, description: 'CEL; false: it is skipped.' })
  condition!: string | null

  @Field(() => Date, { description: 'When its version was published.' })
  createdAt!: Date
}

/** TaskEdge and TaskConnection. */
export const TaskConnection = connectionOf(Task, { name: 'Task' })
