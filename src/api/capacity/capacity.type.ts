import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import { Access } from '../access-rule.js'
import { connectionOf } from '../connection.js'
import { Node } from '../node.js'

const QueueStatus = { OPEN: 'OPEN', PAUSED: 'PAUSED', DRAINING: 'DRAINING' } as const
registerEnumType(QueueStatus, {
  name: 'QueueStatus',
  description: 'What a queue does with its instances.',
  valuesConfig: {
    OPEN: { description: 'Takes them in and hands them out.' },
    PAUSED: { description: 'Takes them in only.' },
    DRAINING: { description: 'No new run may use it; what the runs that there are put in it goes on.' },
  },
})

const PoolStatus = { ACTIVE: 'ACTIVE', PAUSED: 'PAUSED' } as const
registerEnumType(PoolStatus, {
  name: 'PoolStatus',
  description: 'Whether a pool gives out its cpu and memory.',
  valuesConfig: { ACTIVE: { description: 'It does.' }, PAUSED: { description: 'Nothing of it is dispatched.' } },
})

const MachineStatus = { ONLINE: 'ONLINE', OFFLINE: 'OFFLINE', QUARANTINED: 'QUARANTINED' } as const
registerEnumType(MachineStatus, {
  name: 'MachineStatus',
  description: 'Whether a machine can execute.',
  valuesConfig: {
    ONLINE: { description: 'A dispatcher reaches it.' },
    OFFLINE: { description: 'No dispatcher reaches it, or its host key waits for approval.' },
    QUARANTINED: { description: 'Its host showed another key than the approved one: nothing is sent to it.' },
  },
})

@Access('action:readCapacity')
@ObjectType({
  description: 'A budget of cpu and memory over machines and queues.',
  implements: Node,
  simpleResolvers: true,
})
export class Pool implements Node {
  @Field(() => ID, { description: 'A TypeID, pool_...' })
  id!: string

  @Field(() => String, { description: 'Unique.' })
  name!: string

  @Field(() => PoolStatus, { description: 'Whether it gives out what it has.' })
  status!: keyof typeof PoolStatus

  @Field(() => Float, { description: 'In cpus.' })
  totalCpu!: number

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date

  @Field(() => Date, { description: 'When it changed last.' })
  updatedAt!: Date
}

@Access('action:readCapacity')
@ObjectType({ description: 'Where ready instances wait.', implements: Node, simpleResolvers: true })
export class Queue implements Node {
  @Field(() => ID, { description: 'A TypeID, queue_...' })
  id!: string

  @Field(() => String, { description: 'Unique; DAG files name it.' })
  name!: string

  @Field(() => QueueStatus, { description: 'What it does with its instances.' })
  status!: keyof typeof QueueStatus

  @Field(() => Int, { description: 'Instances that may be dispatched from it at a time.' })
  capacity!: number

  @Field(() => Int, { description: 'A minute of waiting is worth one step.' })
  priority!: number

  poolId!: string

  projectIds!: readonly string[]

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date

  @Field(() => Date, { description: 'When it changed last.' })
  updatedAt!: Date
}

@Access('action:readCapacity')
@ObjectType({ description: 'A host that executes.', implements: Node, simpleResolvers: true })
export class Machine implements Node {
  @Field(() => ID, { description: 'A TypeID, machine_...' })
  id!: string

  @Field(() => String, { description: 'Unique; DAG files name it.' })
  name!: string

  @Field(() => String, { description: 'The name of the host.' })
  host!: string

  @Field(() => Int, { description: 'Of its SSH server; 0 for a host of servers, which is not logged in to.' })
  port!: number

  @Field(() => String, { nullable: true, description: 'Who logs in; null for a host of servers.' })
  loginUser!: string | null

  @Field(() => Boolean, { description: 'Whether it takes nothing new.' })
  isDraining!: boolean

  @Field(() => [String], { description: 'What it is good for.' })
  labels!: readonly string[]

  @Field(() => [String], { description: 'Whom tasks may run as, besides the login.' })
  allowedRunUsers!: readonly string[]

  projectIds!: readonly string[]

  isQuarantined!: boolean

  @Field(() => String, { nullable: true, description: 'Of the approved host key; null while none is.' })
  hostKeyFingerprint!: string | null

  @Field(() => String, { nullable: true, description: 'What the host showed when it was last refused.' })
  offeredHostKeyFingerprint!: string | null

  @Field(() => String, { nullable: true, description: "Of the host's kernel; null while unknown." })
  kernel!: string | null

  @Field(() => String, {
    nullable: true,
    description:
      'Why it was not reached the last time, takes nothing new, or does not measure its attempts; null otherwise.',
  })
  lastError!: string | null

  poolId!: string

  @Field(() => Int, { description: 'Instances at a time.' })
  slots!: number

  @Field(() => Int, { nullable: true, description: 'Of the host; null while unknown.' })
  cpuCount!: number | null

  @Field(() => Date, { nullable: true, description: 'When a dispatcher reached it last.' })
  lastSeenAt!: Date | null

  @Field(() => Date, { description: 'When it was registered.' })
  createdAt!: Date

  @Field(() => Date, { description: 'When it changed last.' })
  updatedAt!: Date
}

/** The GraphQL enums of the same names. */
export const MachineStatusEnum = MachineStatus
export const PoolStatusEnum = PoolStatus
export const QueueStatusEnum = QueueStatus

/** Of the fields that end in Mb. */
export const BYTES_PER_MB = 1e6

/** Edges and connections. */
export const PoolConnection = connectionOf(Pool, { name: 'Pool' })
export const QueueConnection = connectionOf(Queue, { name: 'Queue' })
export const MachineConnection = connectionOf(Machine, { name: 'Machine' })
