import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { Verdict } from '../../domain/dag/verdict.js'
import type { InstanceStatus } from '../../domain/run/status.js'
import { Access } from '../access-rule.js'
import { connectionOf } from '../connection.js'
import { Node } from '../node.js'

/** The GraphQL enum InstanceStatus. */
export const InstanceStatusEnum: { readonly [Status in InstanceStatus]: Status } = {
  PENDING: 'PENDING',
  QUEUED: 'QUEUED',
  DISPATCHED: 'DISPATCHED',
  RUNNING: 'RUNNING',
  RETRY_WAIT: 'RETRY_WAIT',
  CANCELING: 'CANCELING',
  UNKNOWN: 'UNKNOWN',
  SUCCEEDED: 'SUCCEEDED',
  FAILED: 'FAILED',
  ERRORED: 'ERRORED',
  TIMED_OUT: 'TIMED_OUT',
  CANCELED: 'CANCELED',
  SKIPPED: 'SKIPPED',
  UPSTREAM_FAILED: 'UPSTREAM_FAILED',
}
registerEnumType(InstanceStatusEnum, {
  name: 'InstanceStatus',
  description: 'Where an instance stands; ends never change.',
  valuesConfig: {
    PENDING: { description: 'Its rule does not hold yet, or maxParallel keeps it back.' },
    QUEUED: { description: 'It waits for capacity.' },
    DISPATCHED: { description: 'A dispatcher starts it.' },
    RUNNING: { description: 'It runs.' },
    RETRY_WAIT: { description: 'It failed and will be tried again.' },
    CANCELING: { description: 'It is being stopped.' },
    UNKNOWN: { description: 'Contact is lost; it may be running.' },
    SUCCEEDED: { description: 'It did what it should.' },
    FAILED: { description: 'It said that it failed.' },
    ERRORED: { description: 'It could not be executed.' },
    TIMED_OUT: { description: 'It took too long.' },
    CANCELED: { description: 'It was canceled.' },
    SKIPPED: { description: 'Its rule or its condition ruled it out.' },
    UPSTREAM_FAILED: { description: 'What it needed failed.' },
  },
})

/** The GraphQL enum Verdict. */
export const VerdictEnum: { readonly [Each in Verdict]: Each } = { PASS: 'PASS', FAIL: 'FAIL', UNKNOWN: 'UNKNOWN' }
registerEnumType(VerdictEnum, {
  name: 'Verdict',
  description: 'What a task found out, whatever became of its process.',
  valuesConfig: {
    PASS: { description: 'All that it tested passed.' },
    FAIL: { description: 'Something that it tested did not.' },
    UNKNOWN: { description: 'Nothing says: it was not to be judged, has not ended, or its report is broken.' },
  },
})

@Access('action:readProject')
@ObjectType({ description: 'What a task of the engine script executes.', simpleResolvers: true })
export class Script {
  @Field(() => String, { description: 'On the machine, as it was given.' })
  path!: string

  @Field(() => String, { description: "The path's last part." })
  name!: string

  @Field(() => String, { nullable: true, description: "What a batch says, else the path's folder; null: neither." })
  module!: string | null
}

@Access('action:readProject')
@ObjectType({ description: 'One task inside one run.', implements: Node, simpleResolvers: true })
export class Instance implements Node {
  @Field(() => ID, { description: 'A TypeID, instance_...' })
  id!: string

  @Field(() => String, { description: 'Unique in its run.' })
  taskKey!: string

  @Field(() => InstanceStatusEnum, { description: 'Where it stands.' })
  status!: InstanceStatus

  @Field(() => Int, { nullable: true, description: "The last attempt's; null where there is none." })
  exitCode!: number | null

  @Field(() => String, { nullable: true, description: 'Why it ended as it did, or what failed last.' })
  errorMessage!: string | null

  @Field(() => Date, { description: 'When its run was requested.' })
  createdAt!: Date

  @Field(() => Date, { nullable: true, description: 'When it was queued last.' })
  queuedAt!: Date | null

  @Field(() => Date, { nullable: true, description: 'When its first attempt started.' })
  startedAt!: Date | null

  @Field(() => Date, { nullable: true, description: 'When it ended.' })
  endedAt!: Date | null

  @Field(() => Date, { description: 'When anything of it happened last.' })
  updatedAt!: Date
}

@Access('action:readProject')
@ObjectType({ description: 'One try to execute an instance on one machine.', simpleResolvers: true })
export class Attempt {
  @Field(() => Int, { description: '1, 2, 3 ...' })
  number!: number

  @Field(() => InstanceStatusEnum, { description: 'Where it stands.' })
  status!: InstanceStatus

  @Field(() => Int, { nullable: true, description: 'Of its process on the machine.' })
  pid!: number | null

  @Field(() => Date, { description: 'When a dispatcher took it.' })
  dispatchedAt!: Date

  @Field(() => Date, { nullable: true, description: 'When it was seen to run.' })
  startedAt!: Date | null

  @Field(() => Date, { nullable: true, description: 'When it ended.' })
  endedAt!: Date | null

  @Field(() => Int, { nullable: true, description: 'Null where its end gave none.' })
  exitCode!: number | null

  @Field(() => String, { nullable: true, description: 'Why it failed.' })
  errorMessage!: string | null
}

/** InstanceEdge and InstanceConnection. */
export const InstanceConnection = connectionOf(Instance, { name: 'Instance', isTotalNullable: true })

/** Seconds between the two moments; null before the second. */
export function secondsBetween(from: Date | null, to: Date | null): number | null {
  return from === null || to === null ? null : (to.getTime() - from.getTime()) / 1_000
}
