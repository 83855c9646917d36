import type { DocumentNode, OperationDefinitionNode } from 'graphql'
import { UsageFailure } from '../failure.js'

/** One operation of a document as a person wrote it. */
export interface Operation {
  readonly document: DocumentNode
  readonly definition: OperationDefinitionNode
  readonly name: string | undefined
}

/**
 * The operation of that name, or the only one. Throws UsageFailure with line and column on a syntax error, and when it is
 * not clear which operation is meant. The server judges everything else.
 */
export async function parseOperation(text: string, name: string | undefined): Promise<Operation> {
  // Loaded here since it takes longer than the rest of the command line together, and nothing else needs it.
  const { Kind, parse } = await import('graphql')
  const document = parsed(text, parse)
  const operations = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION)
  const names = operations.map((each) => each.name?.value ?? 'one without a name').join(', ')
  const fitting = name === undefined ? operations : operations.filter((each) => each.name?.value === name)
  const [definition] = fitting
  if (definition === undefined && name !== undefined) {
    throw new UsageFailure(`--operation: must be in the query, which has ${names || 'none'}; given ${name}`)
  }
  if (definition === undefined) throw new UsageFailure('Query: must have an operation, has fragments only')
  if (fitting.length > 1) throw new UsageFailure(`--operation: must say which of these it is: ${names}`)
  return { document, definition, name }
}

function parsed(text: string, parse: (text: string) => DocumentNode): DocumentNode {
  try {
    return parse(text)
  } catch (error) {
    const { message, locations } = error as Error & { locations?: readonly { line: number; column: number }[] }
    const [place] = locations ?? []
    throw new UsageFailure(`Query${place === undefined ? '' : `:${place.line}:${place.column}`}: ${message}`)
  }
}
