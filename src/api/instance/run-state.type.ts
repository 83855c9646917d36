import { Field, Int, ObjectType } from 'type-graphql'
import type { InstanceStatus, RunStatus } from '../../domain/run/status.js'
import { Access } from '../access-rule.js'
import { connectionOf } from '../connection.js'
import { RunStatusEnum } from '../run/run.type.js'
import { InstanceStatusEnum } from './instance.type.js'

@Access('action:readProject')
@ObjectType({ description: 'An instance as it stood at an earlier time.', simpleResolvers: true })
export class InstanceState {
  @Field(() => String, { description: 'Unique in its run.' })
  taskKey!: string

  @Field(() => InstanceStatusEnum, { description: 'Where it stood.' })
  status!: InstanceStatus

  @Field(() => Int, { description: 'Attempts by then.' })
  attempt!: number

  @Field(() => Int, { nullable: true, description: "The last attempt's; null where there was none." })
  exitCode!: number | null

  @Field(() => Date, { nullable: true, description: 'When it had been queued last.' })
  queuedAt!: Date | null

  @Field(() => Date, { nullable: true, description: 'When its first attempt had started.' })
  startedAt!: Date | null

  @Field(() => Date, { nullable: true, description: 'When it had ended.' })
  endedAt!: Date | null
}

@Access('action:readProject')
@ObjectType({ description: 'A run as it stood right after one event of its stream.', simpleResolvers: true })
export class RunState {
  @Field(() => Int, { description: 'Of that event.' })
  version!: number

  @Field(() => Date, { description: 'When that event was recorded.' })
  recordedAt!: Date

  @Field(() => RunStatusEnum, { description: 'Where it stood.' })
  status!: RunStatus
}

/** InstanceStateEdge and InstanceStateConnection. */
export const InstanceStateConnection = connectionOf(InstanceState, { name: 'InstanceState' })
