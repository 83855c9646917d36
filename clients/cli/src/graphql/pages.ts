/** One page of a connection. */
export interface Page<T> {
  readonly nodes: readonly T[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

/** Of something that is not there. */
export const NO_PAGE: Page<never> = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } }

/** How one page of a connection is read. */
export type ReadPage<T> = (first: number, after: string | null) => Promise<Page<T>>

/** All nodes of a connection, page by page of `pageSize` (at most the server's maximum), each when the one before is done with. */
export async function* nodePages<T>(pageSize: number, read: ReadPage<T>): AsyncGenerator<readonly T[], void, void> {
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo }: Page<T> = await read(pageSize, after)
    yield nodes
    if (!pageInfo.hasNextPage || pageInfo.endCursor === after) return
    after = pageInfo.endCursor
  }
}

/** The first `limit` nodes of a connection, read page by page of at most `pageSize` (the server's maximum). */
export async function firstNodes<T>(limit: number, pageSize: number, read: ReadPage<T>): Promise<T[]> {
  const nodes: T[] = []
  let after: string | null = null
  while (nodes.length < limit) {
    const page: Page<T> = await read(Math.min(pageSize, limit - nodes.length), after)
    nodes.push(...page.nodes)
    if (!page.pageInfo.hasNextPage || page.pageInfo.endCursor === after) break
    after = page.pageInfo.endCursor
  }
  return nodes
}
