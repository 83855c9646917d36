import {
  type DirectiveNode,
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  type SelectionSetNode,
} from 'graphql'

/**
 * What an operation selects below a field, by name, however it is written: aliases, fragments and @skip/@include are
 * resolved. `nodes` and `edges { node }` are the same to `nodes()`.
 */
export class Selection {
  constructor(
    private readonly sets: readonly SelectionSetNode[],
    private readonly info: GraphQLResolveInfo,
  ) {}

  /** The names of the selected fields. */
  get names(): ReadonlySet<string> {
    return new Set(this.#fields().keys())
  }

  has(name: string): boolean {
    return this.#fields().has(name)
  }

  /** What is selected below a field; nothing when the field is not selected. */
  of(name: string): Selection {
    return new Selection(this.#fields().get(name) ?? [], this.info)
  }

  /** Of a connection: what is selected of its nodes, by either way. */
  nodes(): Selection {
    return new Selection([...this.of('nodes').sets, ...this.of('edges').of('node').sets], this.info)
  }

  #cached: Map<string, SelectionSetNode[]> | null = null

  #fields(): Map<string, SelectionSetNode[]> {
    if (this.#cached === null) {
      this.#cached = new Map()
      for (const set of this.sets) this.#collect(set, this.#cached)
    }
    return this.#cached
  }

  #collect(set: SelectionSetNode, into: Map<string, SelectionSetNode[]>): void {
    for (const node of set.selections) {
      if (!this.#isIncluded(node)) continue
      if (node.kind === 'Field') {
        const below = into.get(node.name.value) ?? []
        if (node.selectionSet !== undefined) below.push(node.selectionSet)
        into.set(node.name.value, below)
      } else {
        const spread = node.kind === 'InlineFragment' ? node : this.info.fragments[node.name.value]
        if (spread !== undefined) this.#collect(spread.selectionSet, into)
      }
    }
  }

  #isIncluded(node: { readonly directives?: readonly DirectiveNode[] }): boolean {
    if (node.directives === undefined || node.directives.length === 0) return true
    const { variableValues } = this.info
    if (getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.if === true) return false
    return getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.if !== false
  }
}

/** What is selected below the field that is being resolved. */
export function selectionOf(info: GraphQLResolveInfo): Selection {
  const sets = info.fieldNodes.flatMap(({ selectionSet }) => (selectionSet === undefined ? [] : [selectionSet]))
  return new Selection(sets, info)
}
