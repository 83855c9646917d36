import { Field, Float, Int, ObjectType } from 'type-graphql'
import { Access } from '../access-rule.js'

@Access('action:readProject')
@ObjectType({
  description: 'What all processes of an attempt used together, and how its host stood, at one moment.',
  simpleResolvers: true,
})
export class MetricSample {
  @Field(() => Date, { description: "When it was taken, by the server's clock." })
  recordedAt!: Date

  @Field(() => Float, { description: 'Since the sample before; 100 is one core.' })
  cpuPercent!: number

  @Field(() => Int, { nullable: true, description: "The host's." })
  cpuCount!: number | null

  @Field(() => Float, { description: 'Resident memory in 10^6 bytes; what processes share counts for each of them.' })
  memoryMb!: number

  @Field(() => Float, { nullable: true, description: "How much of the host's memory is in use, by whomever." })
  memoryPercent!: number | null

  @Field(() => Float, { nullable: true, description: 'What the host has left, in 10^6 bytes.' })
  memoryAvailableMb!: number | null

  @Field(() => Float, {
    nullable: true,
    description: 'Read from disks since it began, in 10^6 bytes; null where the host does not tell.',
  })
  diskReadMb!: number | null

  @Field(() => Float, {
    nullable: true,
    description: 'Written to disks since it began, in 10^6 bytes; null where the host does not tell.',
  })
  diskWriteMb!: number | null

  @Field(() => Int, { nullable: true, description: 'Of all its processes.' })
  activeThreads!: number | null

  @Field(() => Int, { nullable: true, description: 'That live.' })
  activeProcesses!: number | null
}
