import 'reflect-metadata'
import { createPubSub } from '@graphql-yoga/subscription'
import { type GraphQLInterfaceType, type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql'
import { buildSchema, type NonEmptyArray } from 'type-graphql'
import { fieldsWithoutRule, MissingAccessRuleError } from './access-walk.js'
import { NodeResolver, typeNameOf } from './node.resolver.js'
import { NOUNS } from './nouns.js'
import { recordRefusals } from './record-refusals.js'
import { applyRowRules } from './row-rule.js'
import { DateTimeScalar } from './scalars.js'

/** The whole schema, once a process. Throws MissingAccessRuleError when a field says not who may select it. */
export async function buildApiSchema(): Promise<GraphQLSchema> {
  const resolvers = [NodeResolver, ...NOUNS.flatMap((noun) => noun.resolvers)] as NonEmptyArray<typeof NodeResolver>
  const schema = await buildSchema({
    resolvers,
    // Rules of inputs belong to commands and domain, whose refusals become userErrors.
    validate: false,
    // Every subscription follows the journal by itself; type-graphql asks for one all the same.
    pubSub: createPubSub(),
    scalarsMap: [{ type: Date, scalar: DateTimeScalar }],
  })
  const unruled = fieldsWithoutRule(schema)
  if (unruled.length > 0) throw new MissingAccessRuleError(unruled)
  applyRowRules(schema)
  recordRefusals(schema)
  const node = schema.getType('Node') as GraphQLInterfaceType
  node.resolveType = (value) => typeNameOf((value as { id: string }).id)
  return schema
}

/** The schema as schema/schema.graphql has it: sorted, so that a change shows as a diff. */
export function printApiSchema(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`
}
