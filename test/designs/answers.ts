import {
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isEnumType,
  isInputObjectType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  typeFromAST,
} from 'graphql'

type Values = Record<string, unknown>

/**
 * What the API has answered and taken so far, by schema coordinate: `Type.field` and `Enum.VALUE` of answers, and, of variables
 * of changes that were not refused, `Input.field` and `Enum.VALUE`. Operations are made of fields: fragments are refused.
 */
export class Answers {
  readonly #told = new Set<string>()
  readonly #given = new Set<string>()

  constructor(private readonly schema: GraphQLSchema) {}

  /** Whether some answer had data there: not null, and nothing that a field says which nobody fills. */
  tells(coordinate: string): boolean {
    return this.#told.has(coordinate)
  }

  /** As `tells`; 0, false and what is empty will do. */
  gives(coordinate: string): boolean {
    return this.#given.has(coordinate)
  }

  add(query: string, variables: object, data: Values | null): void {
    const operation = getOperationAST(parse(query))
    const root = operation && this.schema.getRootType(operation.operation)
    if (!root || data === null) return
    this.#addObject(root, operation.selectionSet, data)
    if (root.name === 'Mutation' && !isRefusal(data)) this.#addVariables(operation, variables as Values)
  }

  #addObject(type: GraphQLObjectType, { selections }: SelectionSetNode, object: Values): void {
    for (const selection of selections) {
      if (selection.kind !== Kind.FIELD) throw new Error(`A fragment cannot be followed, of ${type.name}`)
      const field = type.getFields()[selection.name.value]
      if (field === undefined) continue
      const value = object[(selection.alias ?? selection.name).value]
      this.#add(`${type.name}.${field.name}`, value)
      const named = getNamedType(field.type)
      for (const item of itemsOf(value)) {
        if (isEnumType(named)) this.#add(`${named.name}.${item}`, item)
        if (isObjectType(named)) this.#addObject(named, selection.selectionSet as SelectionSetNode, item as Values)
      }
    }
  }

  #addVariables({ variableDefinitions = [] }: OperationDefinitionNode, variables: Values): void {
    for (const { type, variable } of variableDefinitions) {
      const input = typeFromAST(this.schema, type as never) as GraphQLInputType | undefined
      if (input !== undefined) this.#addInput(input, variables[variable.name.value])
    }
  }

  #addInput(type: GraphQLInputType, value: unknown): void {
    const named = getNamedType(type)
    for (const item of itemsOf(value)) {
      if (isEnumType(named)) this.#add(`${named.name}.${item}`, item)
      if (!isInputObjectType(named)) continue
      for (const [name, part] of Object.entries(item as Values)) {
        this.#add(`${named.name}.${name}`, part)
        this.#addInput(named.getFields()[name]!.type, part)
      }
    }
  }

  #add(coordinate: string, value: unknown): void {
    if (value !== null && value !== undefined) this.#given.add(coordinate)
    if (isTelling(value)) this.#told.add(coordinate)
  }
}

function itemsOf(value: unknown): unknown[] {
  return [value].flat(Number.POSITIVE_INFINITY).filter((item) => item !== null && item !== undefined)
}

function isRefusal(data: Values): boolean {
  return Object.values(data).some((payload) => isTelling((payload as { userErrors?: unknown } | null)?.userErrors))
}

/** Something is in it besides 0, false and ''; of a connection, in its nodes. */
function isTelling(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value)
  return Object.values('nodes' in value ? (value.nodes as object) : value).some(isTelling)
}
