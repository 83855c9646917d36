import { type ConstArgumentNode, type DocumentNode, Kind, visit } from 'graphql'

const hidden = new WeakMap<DocumentNode, DocumentNode>()

/** No type has this name. */
const NO_TYPE: ConstArgumentNode = {
  kind: Kind.ARGUMENT,
  name: { kind: Kind.NAME, value: 'name' },
  value: { kind: Kind.STRING, value: '' },
}

/**
 * The document for who may not see the schema: `__type` finds nothing, whatever it asks for. (`__schema` cannot be null
 * and needs a viewer.)
 */
export function hideTypes(document: DocumentNode): DocumentNode {
  const known = hidden.get(document)
  if (known !== undefined) return known
  const blind = visit(document, {
    Field: (node) => (node.name.value === '__type' ? { ...node, arguments: [NO_TYPE] } : undefined),
  })
  hidden.set(document, blind)
  return blind
}
