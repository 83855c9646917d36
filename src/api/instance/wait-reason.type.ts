import { Field, Float, ObjectType, registerEnumType } from 'type-graphql'
import type { WaitCode } from '../../domain/queue/wait-reasons.js'
import { Access } from '../access-rule.js'

const WaitCodeEnum: { readonly [Code in WaitCode]: Code } = {
  UPSTREAM: 'UPSTREAM',
  SCHEDULED_RETRY: 'SCHEDULED_RETRY',
  RUN_PAUSED: 'RUN_PAUSED',
  QUEUE_PAUSED: 'QUEUE_PAUSED',
  QUEUE_FULL: 'QUEUE_FULL',
  POOL_CPU: 'POOL_CPU',
  POOL_MEMORY: 'POOL_MEMORY',
  MACHINE_OFFLINE: 'MACHINE_OFFLINE',
  MACHINE_FULL: 'MACHINE_FULL',
  NO_MACHINE_MATCHES: 'NO_MACHINE_MATCHES',
  MAX_PARALLEL: 'MAX_PARALLEL',
}
registerEnumType(WaitCodeEnum, {
  name: 'WaitCode',
  description: 'What keeps an instance from starting.',
  valuesConfig: {
    UPSTREAM: { description: 'Instances before it have not ended.' },
    SCHEDULED_RETRY: { description: 'It failed and is tried again later.' },
    RUN_PAUSED: { description: 'Its run is paused.' },
    QUEUE_PAUSED: {
      description: 'Its queue is paused, is gone or does not take its project’s work; or its pool is paused.',
    },
    QUEUE_FULL: { description: 'The capacity of its queue is taken.' },
    POOL_CPU: { description: 'Its pool has too little cpu left, or in all.' },
    POOL_MEMORY: { description: 'Its pool has too little memory left, or in all.' },
    MACHINE_OFFLINE: { description: 'No machine that would do is ready.' },
    MACHINE_FULL: { description: 'The slots of the machines that would do are taken.' },
    NO_MACHINE_MATCHES: { description: 'There is no machine that would do.' },
    MAX_PARALLEL: { description: 'Its run has as much under way as it may, or waits for the runs before it.' },
  },
})

@Access('action:readProject')
@ObjectType({ description: 'One thing that keeps an instance from starting.', simpleResolvers: true })
export class WaitReason {
  @Field(() => WaitCodeEnum, { description: 'For a program.' })
  code!: WaitCode

  @Field(() => String, { description: 'For a person.' })
  message!: string

  @Field(() => Float, {
    nullable: true,
    description: 'How much it needs of what is short; memory in MB of 10^6 bytes.',
  })
  needed!: number | null

  @Field(() => Float, { nullable: true, description: 'How much there is of it.' })
  available!: number | null
}
