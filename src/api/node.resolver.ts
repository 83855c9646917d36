import DataLoader from 'dataloader'
import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql'
import { Access } from './access-rule.js'
import { BadInputError } from './bad-input-error.js'
import type { Context } from './context.js'
import { Node } from './node.js'
import type { NodeSource } from './noun.js'
import { NOUNS } from './nouns.js'

const MAX_IDS = 100

const SOURCES: ReadonlyMap<string, NodeSource> = new Map(
  NOUNS.flatMap(({ nodes }) => nodes).map((source) => [source.prefix, source]),
)

@Resolver()
export class NodeResolver {
  @Access('signedIn')
  @Query(() => Node, { nullable: true, description: 'What has that id; null when it does not exist or is invisible.' })
  node(@Arg('id', () => ID) id: string, @Ctx() context: Context): Promise<object | null> {
    return loadNode(id, context)
  }

  @Access('signedIn')
  @Query(() => [Node], { nullable: 'items', description: 'As node, for at most 100 ids, in their order.' })
  nodes(@Arg('ids', () => [ID]) ids: string[], @Ctx() context: Context): Promise<(object | null)[]> {
    if (ids.length > MAX_IDS) throw new BadInputError('ids', `must be at most ${MAX_IDS} ids, given ${ids.length}`)
    return Promise.all(ids.map((id) => loadNode(id, context)))
  }
}

/** What has that id, as its noun loads it; all ids of a noun that are asked for at once share a statement. */
export async function loadNode(id: string, context: Context): Promise<object | null> {
  const source = SOURCES.get(prefixOf(id))
  if (source === undefined) return null
  const loader = context.loaders.get(
    `node:${source.prefix}`,
    () => new DataLoader((ids: readonly string[]) => loadAll(source, ids, context)),
  )
  return loader.load(id)
}

async function loadAll(source: NodeSource, ids: readonly string[], context: Context): Promise<(object | null)[]> {
  const found = new Map((await source.load(ids, context)).map((node) => [node.id, node]))
  return ids.map((id) => found.get(id) ?? null)
}

/** The word that an id begins with: `dagversion` of `dagversion_01j...`. */
export function prefixOf(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('_')))
}

/** The schema's name for what has that id. */
export function typeNameOf(id: string): string | undefined {
  return SOURCES.get(prefixOf(id))?.typeName
}
