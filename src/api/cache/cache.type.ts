import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql'
import type { CacheValueType } from '../../cache/cache.js'
import type { Json } from '../../domain/json.js'
import { Access } from '../access-rule.js'
import { JsonScalar } from '../json-scalars.js'
import { Payload } from '../payload.js'

const KEY = 'A repeat with the same key and input does nothing again.'

/** The GraphQL enum CacheValueType. */
export const CacheValueTypeEnum: { readonly [Type in CacheValueType]: Type } = {
  STRING: 'STRING',
  NUMBER: 'NUMBER',
  BOOLEAN: 'BOOLEAN',
  JSON: 'JSON',
  BINARY: 'BINARY',
}
registerEnumType(CacheValueTypeEnum, {
  name: 'CacheValueType',
  description: 'What kind of value an entry of the cache has.',
  valuesConfig: {
    STRING: { description: 'Text.' },
    NUMBER: { description: 'A number.' },
    BOOLEAN: { description: 'true or false.' },
    JSON: { description: 'Any JSON value.' },
    BINARY: { description: 'Bytes, as base64 text.' },
  },
})

@Access('action:readProject')
@ObjectType({ description: "A value that a run's tasks keep for each other.", simpleResolvers: true })
export class CacheEntry {
  @Field(() => ID, { description: 'Of its run and its key.' })
  id!: string

  runId!: string

  @Field(() => String, { description: 'Unique in its run.' })
  key!: string

  @Field(() => JsonScalar, { description: 'As it was set; BINARY as base64.' })
  value!: Json

  @Field(() => CacheValueTypeEnum, { description: 'As it was said, or as the value looked.' })
  type!: CacheValueType

  @Field(() => Date, { nullable: true, description: 'When it is gone by itself; null: it stays.' })
  expiresAt!: Date | null

  @Field(() => Date, { description: 'When the key was set first, since it was last gone.' })
  createdAt!: Date

  @Field(() => Date, { description: 'When it was set last.' })
  updatedAt!: Date
}

@InputType({ description: "A value for a run's cache, in place of what is there." })
export class SetCacheEntryInput {
  @Field(() => ID, { description: 'Of a run that has not ended.' })
  runId!: string

  @Field(() => String, { description: '1 to 200 letters, digits, "_", ".", ":", "/" and "-".' })
  key!: string

  @Field(() => JsonScalar, { description: 'At most 1 MiB as JSON.' })
  value!: Json

  @Field(() => CacheValueTypeEnum, { nullable: true, description: 'Left out: as the value looks.' })
  type?: CacheValueType | null

  @Field(() => Int, { nullable: true, description: 'Left out: it stays.' })
  expiresInSeconds?: number | null

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@InputType({ description: "Which entry of a run's cache is to go." })
export class DeleteCacheEntryInput {
  @Field(() => ID, { description: 'Of a run that has not ended.' })
  runId!: string

  @Field(() => String, { description: 'Of the entry.' })
  key!: string

  @Field(() => String, { nullable: true, description: KEY })
  idempotencyKey?: string | null
}

@Access('public')
@ObjectType({ description: 'The entry that was changed.', simpleResolvers: true })
export class CacheEntryPayload extends Payload {
  @Field(() => CacheEntry, { nullable: true, description: 'As it is, or was; null when there is none.' })
  cacheEntry!: CacheEntry | null
}
