import { type ClassType, Field, Int, ObjectType } from 'type-graphql'
import type { KeyValue, Page } from '../platform/keyset.js'
import { Access } from './access-rule.js'
import type { CursorCodec } from './cursor.js'

@Access('public')
@ObjectType({ description: 'Where a page stands in its list.', simpleResolvers: true })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether the list goes on after this page.' })
  hasNextPage!: boolean

  @Field(() => Boolean, { description: 'Whether the list has something before this page.' })
  hasPreviousPage!: boolean

  @Field(() => String, { nullable: true, description: 'Of the first node; null on an empty page.' })
  startCursor!: string | null

  @Field(() => String, { nullable: true, description: 'Of the last node; null on an empty page.' })
  endCursor!: string | null
}

/** One page of a list, in the list's order. Edges and cursors are made when they are selected. */
export class Connection<Node> {
  constructor(
    readonly nodes: readonly Node[],
    private readonly page: Page,
    private readonly hasMore: boolean,
    private readonly cursorOf: (node: Node) => string,
    /** Called by graphql when the field is selected. */
    readonly totalCount: () => Promise<number | null>,
  ) {}

  get edges(): readonly { cursor: string; node: Node }[] {
    return this.nodes.map((node) => ({ cursor: this.cursorOf(node), node }))
  }

  get pageInfo(): PageInfo {
    const { isBackward, from } = this.page
    const first = this.nodes[0]
    const last = this.nodes.at(-1)
    return {
      hasNextPage: isBackward ? from !== null : this.hasMore,
      hasPreviousPage: isBackward ? this.hasMore : from !== null,
      startCursor: first === undefined ? null : this.cursorOf(first),
      endCursor: last === undefined ? null : this.cursorOf(last),
    }
  }
}

export interface ConnectionParts<Node> {
  /** At most `page.limit + 1` rows, in the order that the page was read in. */
  readonly rows: readonly Node[]
  readonly page: Page
  readonly cursors: CursorCodec
  readonly keyOf: (node: Node) => readonly KeyValue[]
  /** Over the whole list; run only when totalCount is selected. */
  readonly totalCount: () => Promise<number | null>
}

/** The page that was asked for, from the rows that a keyset query answered. */
export function connectionFrom<Node>(parts: ConnectionParts<Node>): Connection<Node> {
  const { rows, page, cursors, keyOf, totalCount } = parts
  const kept = rows.slice(0, page.limit)
  if (page.isBackward) kept.reverse()
  return new Connection(kept, page, rows.length > page.limit, (node) => cursors.encode(keyOf(node)), totalCount)
}

/**
 * `XEdge` and `XConnection` of the contract for a node class; the result is what a resolver names as its type. With
 * `isTotalNullable`, totalCount is null above 100,000. Call it once per node class, in the class's own file.
 */
export function connectionOf<Node extends object>(
  NodeClass: ClassType<Node>,
  options: { readonly name: string; readonly isTotalNullable?: boolean },
): ClassType<Connection<Node>> {
  const { name, isTotalNullable = false } = options

  @Access('public')
  @ObjectType(`${name}Edge`, { description: `A ${name} in its list.`, simpleResolvers: true })
  class Edge {
    @Field(() => String, { description: 'Where the node stands in the list; opaque.' })
    cursor!: string

    @Field(() => NodeClass, { description: `The ${name}.` })
    node!: Node
  }

  @Access('public')
  @ObjectType(`${name}Connection`, { description: `A page of a list of ${name}.`, simpleResolvers: true })
  class NodeConnection {
    @Field(() => [Edge], { description: 'The nodes with their cursors.' })
    edges!: Edge[]

    @Field(() => [NodeClass], { description: 'The nodes.' })
    nodes!: Node[]

    @Field(() => PageInfo, { description: 'Where this page stands.' })
    pageInfo!: PageInfo

    @Field(() => Int, {
      nullable: isTotalNullable,
      description: isTotalNullable ? 'How long the whole list is; null above 100,000.' : 'How long the whole list is.',
    })
    totalCount!: number | null
  }

  return NodeConnection as unknown as ClassType<Connection<Node>>
}
