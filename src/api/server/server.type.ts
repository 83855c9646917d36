import { Field, ID, ObjectType } from 'type-graphql'
import { Access } from '../access-rule.js'

@Access('signedIn')
@ObjectType({ description: 'A process of Dagbook that works on this database.', simpleResolvers: true })
export class ServerNode {
  @Field(() => ID, { description: 'New at every start.' })
  id!: string

  @Field(() => [String], { description: 'What it does: api, scheduler, dispatcher.' })
  roles!: string[]

  @Field(() => String, { description: 'Of its program.' })
  version!: string

  @Field(() => Date, { description: 'When it started.' })
  startedAt!: Date

  @Field(() => Date, { description: 'When it was heard of last.' })
  lastSeenAt!: Date
}

@Access('signedIn')
@ObjectType({ description: "One step of the database's schema that was applied.", simpleResolvers: true })
export class SchemaVersion {
  @Field(() => String, { description: 'Its number.' })
  version!: string

  @Field(() => String, { description: 'What it brought.' })
  description!: string

  @Field(() => String, { description: 'The file that it came from.' })
  scriptName!: string

  @Field(() => String, { description: 'SHA-256 of its SQL, in hex.' })
  checksum!: string

  @Field(() => Date, { description: 'When it was applied.' })
  appliedAt!: Date
}

@Access('signedIn')
@ObjectType({ description: 'This installation.' })
export class Server {
  @Field(() => String, { description: 'Of the program that answers.' })
  version!: string

  @Field(() => Date, { description: 'Its clock, now.' })
  time!: Date
}
