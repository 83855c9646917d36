import type { FastifyInstance } from 'fastify'
import type { Context } from './context.js'
import type { Services } from './services.js'

/** How `node(id)` finds one noun's objects. */
export interface NodeSource {
  /** Of its ids: `project`. */
  readonly prefix: string
  /** In the schema: `Project`. */
  readonly typeName: string
  /** Those of the ids that exist and that the viewer may see, in any order; each with its `id`. In one statement. */
  load(ids: readonly string[], context: Context): Promise<readonly { readonly id: string }[]>
}

/** What one folder of the API adds to the schema; `nouns.ts` lists them. */
export interface Noun {
  // biome-ignore lint/complexity/noBannedTypes: type-graphql takes resolver classes as Function
  readonly resolvers: readonly Function[]
  readonly nodes: readonly NodeSource[]
  /** Plain HTTP beside /graphql. */
  readonly routes?: (app: FastifyInstance, services: Services) => void
}
