import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml'

/** Finds the place of a path in a document; aliases are followed, and what is not there is where its nearest parent is. */
export class SourcePaths {
  readonly #root: Node | null
  readonly #pairs = new WeakMap<Node, Map<string, Pair<Node, Node | null>>>()
  readonly #anchors = new Map<string, Node>()

  constructor(document: Document) {
    this.#root = document.contents as Node | null
  }

  /** Offset of the key that the path ends in, or of the value behind it (of the key when there is no value). */
  offset(path: readonly string[], at: 'KEY' | 'VALUE'): number {
    let node = this.#root
    let key = this.#root
    for (const part of path) {
      const next = this.#step(node, part)
      if (next === null) break
      key = next.key
      node = next.value
    }
    const found = at === 'KEY' ? key : node !== null && hasText(node) ? node : key
    return found?.range?.[0] ?? 0
  }

  #step(parent: Node | null, part: string): { key: Node | null; value: Node | null } | null {
    const node = isAlias(parent) ? this.#target(parent.source) : parent
    if (isSeq(node)) {
      const item = (node.items[Number(part)] ?? null) as Node | null
      return item === null ? null : { key: item, value: item }
    }
    if (!isMap(node)) return null
    const pair = this.#pairsOf(node).get(part)
    return pair === undefined ? null : { key: pair.key, value: pair.value }
  }

  #pairsOf(node: Node): Map<string, Pair<Node, Node | null>> {
    const known = this.#pairs.get(node)
    if (known !== undefined) return known
    const pairs = new Map<string, Pair<Node, Node | null>>()
    for (const pair of (node as unknown as { items: Pair<Node, Node | null>[] }).items) {
      const key = String((pair.key as { value?: unknown } | null)?.value ?? '')
      if (!pairs.has(key)) pairs.set(key, pair)
    }
    this.#pairs.set(node, pairs)
    return pairs
  }

  /** Filled on the first alias: most files have none. A redefined anchor is found at its last place. */
  #target(anchor: string): Node | null {
    if (this.#anchors.size === 0) this.#collectAnchors(this.#root)
    return this.#anchors.get(anchor) ?? null
  }

  #collectAnchors(node: Node | null): void {
    const anchor = (node as { anchor?: string } | null)?.anchor
    if (node !== null && anchor !== undefined) this.#anchors.set(anchor, node)
    if (isSeq(node)) for (const item of node.items) this.#collectAnchors(item as Node | null)
    if (isMap(node)) for (const pair of node.items) this.#collectAnchors(pair.value as Node | null)
  }
}

/** An empty value (`timeout:` and no more) stands wherever the next token is: its key is the better place. */
function hasText(node: Node): boolean {
  return !isScalar(node) || node.source !== ''
}
