/**
 * The cycles of a graph, one for each group of nodes that can all reach each other (strongly connected component, by
 * Tarjan's algorithm without recursion): a shortest one through the group's first node, as ordinals in the order of
 * `edges`. Nodes without a cycle are in none. O(nodes + edges).
 */
export function findCycles(edges: readonly (readonly number[])[]): number[][] {
  return components(edges)
    .filter((group) => group.length > 1)
    .map((group) => shortestCycle(edges, group))
    .sort((a, b) => (a[0] as number) - (b[0] as number))
}

/** Breadth first from the group's first node until an edge leads back to it. */
function shortestCycle(edges: readonly (readonly number[])[], group: readonly number[]): number[] {
  const inside = new Set(group)
  const start = group.reduce((a, b) => Math.min(a, b))
  const before = new Map<number, number>([[start, -1]])
  const queue = [start]
  for (const node of queue) {
    for (const next of edges[node] as readonly number[]) {
      if (next === start) return trace(before, node)
      if (!inside.has(next) || before.has(next)) continue
      before.set(next, node)
      queue.push(next)
    }
  }
  throw new Error(`No cycle through ${start}: not a strongly connected component`)
}

function trace(before: ReadonlyMap<number, number>, last: number): number[] {
  const path: number[] = []
  for (let node = last; node !== -1; node = before.get(node) as number) path.push(node)
  return path.reverse()
}

function components(edges: readonly (readonly number[])[]): number[][] {
  const index = new Int32Array(edges.length).fill(-1)
  const low = new Int32Array(edges.length)
  const isOpen = new Uint8Array(edges.length)
  const open: number[] = []
  const found: number[][] = []
  let counter = 0
  for (let root = 0; root < edges.length; root++) {
    if (index[root] !== -1) continue
    const walk: { node: number; next: number }[] = [{ node: root, next: 0 }]
    while (walk.length > 0) {
      const step = walk[walk.length - 1] as { node: number; next: number }
      const { node } = step
      if (step.next === 0) {
        index[node] = low[node] = counter++
        open.push(node)
        isOpen[node] = 1
      }
      const target = (edges[node] as readonly number[])[step.next++]
      if (target === undefined) {
        walk.pop()
        const parent = walk.at(-1)?.node
        if (parent !== undefined) low[parent] = Math.min(low[parent] as number, low[node] as number)
        if (low[node] === index[node]) found.push(close(open, isOpen, node))
      } else if (index[target] === -1) walk.push({ node: target, next: 0 })
      else if (isOpen[target] === 1) low[node] = Math.min(low[node] as number, index[target] as number)
    }
  }
  return found
}

function close(open: number[], isOpen: Uint8Array, node: number): number[] {
  const group = open.splice(open.lastIndexOf(node))
  for (const member of group) isOpen[member] = 0
  return group
}
