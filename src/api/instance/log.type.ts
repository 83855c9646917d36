import { Field, ObjectType, registerEnumType } from 'type-graphql'
import { Access } from '../access-rule.js'
import { BigIntScalar } from '../scalars.js'

const LogStream = { STDOUT: 'STDOUT', STDERR: 'STDERR', SYSTEM: 'SYSTEM' } as const
registerEnumType(LogStream, {
  name: 'LogStream',
  description: 'Where a piece of output comes from.',
  valuesConfig: {
    STDOUT: { description: "The command's standard output." },
    STDERR: { description: "The command's standard error." },
    SYSTEM: { description: 'Dagbook itself.' },
  },
})

@Access('action:readProject')
@ObjectType({ description: "A piece of an attempt's output, as it was collected.", simpleResolvers: true })
export class LogEntry {
  @Field(() => BigIntScalar, {
    description: 'Behind its last byte, in the bytes of all streams: as afterOffset, it goes on from here.',
  })
  offset!: number

  @Field(() => LogStream, { description: 'Where it comes from.' })
  stream!: keyof typeof LogStream

  @Field(() => String, { description: 'Never a torn character; bytes that are no UTF-8 as U+FFFD.' })
  text!: string

  @Field(() => Date, { description: 'When it was collected.' })
  recordedAt!: Date
}

@Access('action:readProject')
@ObjectType({ description: "A part of an attempt's output.", simpleResolvers: true })
export class LogSlice {
  @Field(() => [LogEntry], { description: 'In the order collected; as many as maxBytes allows.' })
  entries!: readonly LogEntry[]

  @Field(() => BigIntScalar, { description: 'Where the next part begins, as its afterOffset.' })
  endOffset!: number

  @Field(() => Boolean, { description: 'The attempt has ended, and nothing comes after endOffset.' })
  isComplete!: boolean

  @Field(() => Boolean, {
    description:
      'Something is missing: before these, as lastBytes asked, or behind them, as the attempt printed more than is kept.',
  })
  isTruncated!: boolean
}
