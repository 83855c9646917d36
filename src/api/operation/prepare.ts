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
    throw error
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

const STATUS: { readonly [code: string]: number } = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  BAD_USER_INPUT: 400,
  COST_LIMIT_EXCEEDED: 400,
  STALE_POSITION: 503,
}

/** The HTTP status of an answer that is only this error. */
export function statusOf(error: unknown): number {
  const { code, extensions } = error as { readonly code?: string; readonly extensions?: { readonly code?: string } }
  return STATUS[code ?? extensions?.code ?? ''] ?? 500
}

/** The error as a GraphQLError, which is what graphql-ws takes. */
export function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error
  const originalError = error instanceof Error ? error : new Error(String(error))
  return new GraphQLError(originalError.message, { originalError })
}
