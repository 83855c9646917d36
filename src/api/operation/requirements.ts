import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import type { AccessRule } from '../access-rule.js'
import { accessRuleOf } from '../access-walk.js'

/** What selecting everything in an operation takes. */
export interface Requirements {
  /** Each rule with one of the fields that has it: `Mutation.createUser`. */
  readonly rules: ReadonlyMap<AccessRule | 'none', string>
  /** It signs somebody in: below that, what needs a viewer has one. */
  readonly isSigningIn: boolean
}

/** Derived once per document, and kept as long as the document is. */
const cache = new WeakMap<DocumentNode, Map<OperationDefinitionNode, Requirements>>()

/** What an operation of a valid document takes. */
export function requirementsOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Requirements {
  const known = cache.get(document) ?? new Map<OperationDefinitionNode, Requirements>()
  cache.set(document, known)
  const found = known.get(operation) ?? new Collector(schema, document).collect(operation)
  known.set(operation, found)
  return found
}

class Collector {
  readonly #rules = new Map<AccessRule | 'none', string>()
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly #visited = new Set<string>()
  #isSigningIn = false

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
  ) {
    const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
    this.#fragments = new Map(fragments.map((node) => [node.name.value, node]))
  }

  collect(operation: OperationDefinitionNode): Requirements {
    const root = this.schema.getRootType(operation.operation)
    if (root) this.#walk(operation.selectionSet, root, false)
    return { rules: this.#rules, isSigningIn: this.#isSigningIn }
  }

  /** `isOpen`: below a field that signs in. */
  #walk(set: SelectionSetNode, type: GraphQLCompositeType, isOpen: boolean): void {
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) {
        this.#field(node.name.value, node.selectionSet, type, isOpen)
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        this.#walk(node.selectionSet, this.#typeNamed(node.typeCondition?.name.value) ?? type, isOpen)
      } else {
        this.#spread(node.name.value, isOpen)
      }
    }
  }

  #spread(name: string, isOpen: boolean): void {
    const key = `${isOpen} ${name}`
    const fragment = this.#fragments.get(name)
    const type = this.#typeNamed(fragment?.typeCondition.name.value)
    if (fragment === undefined || type === undefined || this.#visited.has(key)) return
    this.#visited.add(key)
    this.#walk(fragment.selectionSet, type, isOpen)
  }

  #field(name: string, below: SelectionSetNode | undefined, type: GraphQLCompositeType, isOpen: boolean): void {
    // Who is not signed in finds no type: see hideTypes.
    if (name === '__typename' || name === '__type') return
    if (name === '__schema') this.#require('signedIn', name, false)
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined
    if (field === undefined) return
    this.#require(accessRuleOf(type, field) ?? 'none', `${type.name}.${name}`, isOpen)
    const opens = field.extensions.signsIn === true
    if (opens) this.#isSigningIn = true
    const next = getNamedType(field.type)
    if (below !== undefined && isCompositeType(next)) this.#walk(below, next, isOpen || opens)
  }

  #require(rule: AccessRule | 'none', place: string, isOpen: boolean): void {
    if (isOpen && (rule === 'signedIn' || rule.startsWith('self-or-permission:'))) return
    if (!this.#rules.has(rule)) this.#rules.set(rule, place)
  }

  #typeNamed(name: string | undefined): GraphQLCompositeType | undefined {
    const type = name === undefined ? undefined : this.schema.getType(name)
    return isCompositeType(type) ? type : undefined
  }
}
