import { Ctx, FieldResolver, Query, Resolver } from 'type-graphql'
import { Access } from '../access-rule.js'
import type { Context } from '../context.js'
import { listNodes, listSchemaVersions } from './list-nodes.js'
import { SchemaVersion, Server, ServerNode } from './server.type.js'

@Resolver(() => Server)
export class ServerResolver {
  @Access('signedIn')
  @Query(() => Server, { description: 'Versions, time, and the processes that are alive.' })
  server(@Ctx() { services }: Context): Pick<Server, 'version' | 'time'> {
    return { version: services.version, time: services.clock.now() }
  }

  @Access('signedIn')
  @FieldResolver(() => [ServerNode], { description: 'The processes that are alive; at most 1,000.' })
  nodes(@Ctx() { services }: Context): Promise<ServerNode[]> {
    return listNodes(services.database, services.clock.now())
  }

  @Access('signedIn')
  @FieldResolver(() => [SchemaVersion], { description: "The database's schema, step by step; at most 1,000." })
  schemaVersions(@Ctx() { services }: Context): Promise<SchemaVersion[]> {
    return listSchemaVersions(services.database)
  }
}
