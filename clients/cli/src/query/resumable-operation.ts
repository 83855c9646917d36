import type { DocumentNode, FieldNode, Kind, OperationDefinitionNode, SelectionSetNode, ValueNode } from 'graphql'
import type { Resumable } from '../graphql/follow.js'
import type { Operation } from './operation.js'

/** The subscriptions that go on after a position; their items have one. */
export const POSITIONED: ReadonlySet<string> = new Set([
  'events',
  'instanceUpdated',
  'machineUpdated',
  'queueUpdated',
  'runUpdated',
  'slaBreached',
])

const AFTER = 'dagbookAfter'
const POSITION = 'dagbookPosition'

type Item = Record<string, Record<string, unknown>>

/** A person's subscription, changed so that it can go on after a cut. */
export interface ResumableOperation {
  readonly stream: Resumable<Item>
  /** The position that the person wants to begin after; null: from now on. */
  readonly after: string | null
  /** The item as the person asked for it. */
  shown(item: Item): Item
}

/**
 * The subscription with a variable for where it goes on and each item's position beside what was asked for; undefined
 * where it cannot go on: its field has no positions, or is not written out at the top.
 */
export async function resumableOperation(
  operation: Operation,
  variables: Readonly<Record<string, unknown>>,
): Promise<ResumableOperation | undefined> {
  const { Kind, parse, print } = await import('graphql')
  const [field, ...others] = operation.definition.selectionSet.selections
  if (others.length > 0 || field?.kind !== Kind.FIELD || !POSITIONED.has(field.name.value)) return undefined
  const given = field.arguments?.find((each) => each.name.value === 'after')?.value
  const after = givenAfter(given, variables)
  if (after === undefined) return undefined
  const pattern = parse(`subscription ($${AFTER}: Position) { it(after: $${AFTER}) { ${POSITION}: position } }`)
  const changed = withResume(operation, field, given, pattern.definitions[0] as OperationDefinitionNode)
  const variable = given?.kind === Kind.VARIABLE ? given.name.value : AFTER
  const key = (field.alias ?? field.name).value
  return {
    after,
    stream: {
      document: print(changed),
      ...(operation.name === undefined ? {} : { operationName: operation.name }),
      variables: (cursor) => ({ ...variables, [variable]: cursor }),
      cursorOf: (item) => String(item[key]?.[POSITION]),
    },
    shown: (item) => {
      const { [POSITION]: _position, ...asked } = item[key] ?? {}
      return { [key]: asked }
    },
  }
}

/** undefined: something else than a position, which is for the server to refuse. */
function givenAfter(
  given: ValueNode | undefined,
  variables: Readonly<Record<string, unknown>>,
): string | null | undefined {
  const stated = given !== undefined && 'value' in given ? given.value : null
  const value = given?.kind === 'Variable' ? variables[given.name.value] : stated
  if (value === null || value === undefined) return null
  return /^\d{1,19}$/.test(String(value)) ? String(value) : undefined
}

/** Where the person has a variable for `after`, that one is used; otherwise the pattern's comes in. */
function withResume(
  operation: Operation,
  field: FieldNode,
  given: ValueNode | undefined,
  pattern: OperationDefinitionNode,
): DocumentNode {
  const { definition } = operation
  const root = pattern.selectionSet.selections[0] as FieldNode
  const hasVariable = given?.kind === 'Variable'
  const others = (field.arguments ?? []).filter((each) => each.name.value !== 'after')
  const resumed = {
    ...definition,
    variableDefinitions: [
      ...(definition.variableDefinitions ?? []),
      ...(hasVariable ? [] : (pattern.variableDefinitions ?? [])),
    ],
    selectionSet: {
      ...definition.selectionSet,
      selections: [
        {
          ...field,
          ...(hasVariable ? {} : { arguments: [...others, ...(root.arguments ?? [])] }),
          selectionSet: joined(field.selectionSet, root.selectionSet),
        },
      ],
    },
  }
  const definitions = operation.document.definitions.map((each) => (each === definition ? resumed : each))
  return { ...operation.document, definitions }
}

function joined(one: SelectionSetNode | undefined, other: SelectionSetNode | undefined): SelectionSetNode {
  return {
    kind: 'SelectionSet' as Kind.SELECTION_SET,
    selections: [...(one?.selections ?? []), ...(other?.selections ?? [])],
  }
}
