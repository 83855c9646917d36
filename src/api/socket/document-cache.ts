import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import { LIMITS } from '../operation/limits.js'
import { validateDocument } from '../operation/validate-document.js'

/** A document as it was parsed and validated. */
type Read = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] }

const MAX_DOCUMENTS = 500
const MAX_QUERY = 64 * 1_024

/** Parses and validates what comes over WebSockets, once per text; what was read last is kept. */
export class DocumentCache {
  readonly #known = new LRUCache<string, Read>({ max: MAX_DOCUMENTS })

  constructor(private readonly schema: GraphQLSchema) {}

  /** The operation of that name, or why there is none. */
  read(
    query: string,
    operationName: string | null | undefined,
  ): { document: DocumentNode; node: OperationDefinitionNode } | readonly GraphQLError[] {
    const read = this.#read(query)
    if ('errors' in read) return read.errors
    const node = getOperationAST(read.document, operationName)
    if (node === null || node === undefined) {
      const code = 'OPERATION_RESOLUTION_FAILURE'
      return [new GraphQLError('Must name one of the operations of the document', { extensions: { code } })]
    }
    return { document: read.document, node }
  }

  #read(query: string): Read {
    const known = this.#known.get(query)
    if (known !== undefined) return known
    const read = this.#parse(query)
    this.#known.set(query, read)
    return read
  }

  #parse(query: string): Read {
    if (query.length > MAX_QUERY) return { errors: [parseError(`Query must have at most ${MAX_QUERY} characters`)] }
    let document: DocumentNode
    try {
      document = parse(query, { maxTokens: LIMITS.tokens })
    } catch (error) {
      return { errors: [parseError((error as Error).message)] }
    }
    const errors = validateDocument(this.schema, document)
    if (errors.length > 0) return { errors }
    return { document }
  }
}

function parseError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'GRAPHQL_PARSE_FAILED' } })
}
