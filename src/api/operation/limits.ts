import {
  type ASTVisitor,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'

/** How much one operation may ask for, by its text alone. */
export const LIMITS = {
  tokens: 2_000,
  depth: 10,
  aliases: 30,
  rootFields: 10,
  directives: 20,
  introspectionDepth: 20,
  selections: 10_000,
}

/**
 * A validation rule that holds the limits, through fragments: each fragment is measured once, so doubling fragments
 * cost no more than their text. Fields that sign somebody in must be alone in their operation.
 */
export function limitsRule(context: ValidationContext): ASTVisitor {
  let aliases = 0
  let directives = 0
  return {
    Field(node) {
      if (node.alias !== undefined) aliases += 1
    },
    Directive() {
      directives += 1
    },
    OperationDefinition: (operation) => checkOperation(operation, context),
    Document: {
      leave() {
        if (aliases > LIMITS.aliases) refuse(context, `at most ${LIMITS.aliases} aliases, given ${aliases}`)
        if (directives > LIMITS.directives) {
          refuse(context, `at most ${LIMITS.directives} directives, given ${directives}`)
        }
      },
    },
  }
}

function checkOperation(operation: OperationDefinitionNode, context: ValidationContext): void {
  const measure = new Measure((name) => context.getFragment(name))
  if (measure.depthOf(operation.selectionSet) > LIMITS.depth) refuse(context, `at most ${LIMITS.depth} levels`)
  if (measure.countOf(operation.selectionSet) > LIMITS.selections) {
    refuse(context, `at most ${LIMITS.selections} selections, fragments counted wherever they are spread`)
  }
  const roots = measure.rootFields(operation.selectionSet)
  if (roots.length > LIMITS.rootFields) refuse(context, `at most ${LIMITS.rootFields} root fields`)
  const fields = context.getSchema().getRootType(operation.operation)?.getFields() ?? {}
  const isSigningIn = roots.some((root) => fields[root.name.value]?.extensions.signsIn === true)
  if (isSigningIn && roots.length > 1) refuse(context, 'nothing beside a field that signs in')
}

function refuse(context: ValidationContext, limit: string): void {
  context.reportError(new GraphQLError(`An operation may have ${limit}`))
}

/** More root fields than that need not be counted. */
const ENOUGH_ROOTS = LIMITS.rootFields + 1

class Measure {
  readonly #depths = new Map<string, number>()
  readonly #counts = new Map<string, number>()

  constructor(private readonly fragment: (name: string) => FragmentDefinitionNode | null | undefined) {}

  /** Levels of fields below; a circle of fragments is another rule's to report. */
  depthOf(set: SelectionSetNode | undefined): number {
    let deepest = 0
    for (const node of set?.selections ?? []) {
      if (node.kind === Kind.FIELD) deepest = Math.max(deepest, this.#depthOfField(node))
      else if (node.kind === Kind.INLINE_FRAGMENT) deepest = Math.max(deepest, this.depthOf(node.selectionSet))
      else deepest = Math.max(deepest, this.#depthOfFragment(node.name.value))
    }
    return deepest
  }

  /** Fields, as if every fragment stood where it is spread. */
  countOf(set: SelectionSetNode | undefined): number {
    let count = 0
    for (const node of set?.selections ?? []) {
      if (node.kind === Kind.FIELD) count += 1 + this.countOf(node.selectionSet)
      else if (node.kind === Kind.INLINE_FRAGMENT) count += this.countOf(node.selectionSet)
      else count += this.#countOfFragment(node.name.value)
    }
    return count
  }

  #countOfFragment(name: string): number {
    const known = this.#counts.get(name)
    if (known !== undefined) return known
    this.#counts.set(name, 0)
    const count = this.countOf(this.fragment(name)?.selectionSet)
    this.#counts.set(name, count)
    return count
  }

  /** Introspection is deep by its nature; it has a limit of its own, above which it counts like the rest. */
  #depthOfField(node: FieldNode): number {
    const depth = 1 + this.depthOf(node.selectionSet)
    const isIntrospection = node.name.value === '__schema' || node.name.value === '__type'
    return isIntrospection && depth <= LIMITS.introspectionDepth ? 1 : depth
  }

  #depthOfFragment(name: string): number {
    const known = this.#depths.get(name)
    if (known !== undefined) return known
    this.#depths.set(name, 0)
    const depth = this.depthOf(this.fragment(name)?.selectionSet)
    this.#depths.set(name, depth)
    return depth
  }

  /** Up to ENOUGH_ROOTS of them. A fragment spread again adds nothing: its fields merge with themselves. */
  rootFields(set: SelectionSetNode, visited: Set<string> = new Set()): FieldNode[] {
    const roots: FieldNode[] = []
    for (const node of set.selections) {
      if (roots.length >= ENOUGH_ROOTS) break
      if (node.kind === Kind.FIELD) roots.push(node)
      else if (node.kind === Kind.INLINE_FRAGMENT) roots.push(...this.rootFields(node.selectionSet, visited))
      else if (!visited.has(node.name.value)) {
        visited.add(node.name.value)
        const below = this.fragment(node.name.value)?.selectionSet
        if (below !== undefined) roots.push(...this.rootFields(below, visited))
      }
    }
    return roots
  }
}
