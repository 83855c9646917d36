import { type DocumentNode, GraphQLError, type GraphQLSchema, type OperationDefinitionNode } from 'graphql'
import { ForbiddenError } from '../api-error.js'
import type { Context } from '../context.js'
import { checkAccess } from './check-access.js'
import { checkVariableTexts } from './check-texts.js'
import { checkCost } from './cost.js'

/** A valid document's operation, about to be executed. */
export interface Operation {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly node: OperationDefinitionNode
  readonly variables: Record<string, unknown>
}

/** Everything that is checked before an operation runs; throws what formatError knows. A denial is logged. */
export function checkOperation(operation: Operation, context: Context): void {
  const { schema, document, node, variables } = operation
  try {
    checkAccess(schema, document, node, context)
  } catch (error) {
    if (error instanceof ForbiddenError) recordDenial(error, context)
    throw withStatus(error)
  }
  checkVariableTexts(variables)
  checkCost(schema, document, node.name?.value, variables)
}

/** Writes down that the viewer was denied something; the answer does not wait for it. */
export function recordDenial(error: ForbiddenError, context: Context): void {
  const { viewer, services, ip, userAgent } = context
  const { userId = null, username = null } = viewer ?? {}
  const entry = { action: error.action, outcome: 'DENIED' as const, userId, username, ip, userAgent }
  services.access.record(entry).catch((cause: unknown) => {
    services.logger.error({ err: cause, requestId: context.requestId }, 'A denial was not logged')
  })
}

const STATUS: { readonly [code: string]: number } = { UNAUTHENTICATED: 401, FORBIDDEN: 403, STALE_POSITION: 503 }

/** The error with the HTTP status that an answer of nothing else has. */
export function withStatus(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error
  const cause = error as Error & { readonly code?: string }
  const status = STATUS[cause.code ?? ''] ?? (cause.code === 'BAD_USER_INPUT' ? 400 : 500)
  return new GraphQLError(cause.message, { originalError: cause, extensions: { http: { status } } })
}
