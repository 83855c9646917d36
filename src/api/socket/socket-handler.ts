import {
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql'
import type { Context as ProtocolContext, ServerOptions, SubscribePayload } from 'graphql-ws'
import { newId } from '../../platform/ids.js'
import { RateLimitedError } from '../api-error.js'
import { type Context, createContext } from '../context.js'
import { executeOperation, formatErrors, formatResult } from '../operation/execute.js'
import { asGraphQLError, checkOperation } from '../operation/prepare.js'
import type { Services } from '../services.js'
import { abortingOnReturn } from './aborting-on-return.js'
import { DocumentCache } from './document-cache.js'
import type { SocketOrigin } from './serve-socket.js'
import type { SessionGuard } from './session-guard.js'
import { SocketSession } from './socket-session.js'

/** Per user and process, and per socket: well above what a dashboard needs. */
const MAX_SOCKETS_OF_USER = 5_000
const MAX_OPERATIONS = 500
const INIT_TIMEOUT_MS = 5_000
const HEAD_MAX_AGE_MS = 100

type Parameters = Record<string, unknown>
type SocketExtra = SocketOrigin & { session?: SocketSession }
type Connection = ProtocolContext<Parameters, SocketExtra>

interface Dependencies {
  readonly schema: GraphQLSchema
  readonly services: Services
  readonly guard: SessionGuard
  readonly documents: DocumentCache
}

/**
 * How graphql-transport-ws is spoken: signed in by connectionParams.authorization, the same checks as over HTTP, every
 * operation with a context of its own.
 */
export function socketOptions(
  schema: GraphQLSchema,
  services: Services,
  guard: SessionGuard,
): ServerOptions<Parameters, SocketExtra> {
  const dependencies = { schema, services, guard, documents: new DocumentCache(schema) }
  return {
    schema,
    connectionInitWaitTimeout: INIT_TIMEOUT_MS,
    onConnect: (connection) => connect(connection, dependencies),
    onSubscribe: (connection, id, payload) => prepare(connection, id, payload, dependencies),
    execute: (args) => run(args),
    onOperation: async (_connection, _id, _payload, args, result) =>
      abortingOnReturn(await result, args.contextValue as Context),
    onNext: (_connection, _id, _payload, args, result) =>
      formatted(result as ExecutionResult, args.contextValue as Context),
    onError: (connection, id, _payload, errors) => {
      const requestId = connection.extra.session?.operations.get(id)?.requestId ?? newId('request')
      return formatErrors(errors, requestId, services.logger)
    },
    onComplete: (connection, id) => end(connection, id),
    onClose: ({ extra: { session } }) => {
      if (session === undefined) return
      session.abortAll('The connection was closed')
      guard.remove(session)
    },
  }
}

/** False, which closes with 4403, unless the token is that of a living session, or an API token that is valid. */
async function connect({ connectionParams, extra }: Connection, { services, guard }: Dependencies): Promise<boolean> {
  const { authorization } = connectionParams ?? {}
  const found = typeof authorization === 'string' ? await services.access.authenticate(authorization) : null
  if (found === null || guard.countOf(found.viewer.userId) >= MAX_SOCKETS_OF_USER) return false
  // It may have gone meanwhile, and would never be removed again.
  if (extra.socket.readyState !== extra.socket.OPEN) return false
  extra.session = new SocketSession(extra.socket, found.viewer, found.expiresAt)
  guard.add(extra.session)
  return true
}

/** The operation with its context, checked; else why it is refused. */
function prepare(
  { extra }: Connection,
  id: string,
  { query, operationName, variables }: SubscribePayload,
  { schema, services, documents }: Dependencies,
): ExecutionArgs | readonly GraphQLError[] {
  const { session, request } = extra
  if (session === undefined) return [new GraphQLError('The connection is not signed in')]
  if (session.operations.size >= MAX_OPERATIONS) return [asGraphQLError(new RateLimitedError(1))]
  const read = documents.read(query, operationName)
  if (!('node' in read)) return read
  const { ip, headers } = request
  const userAgent = headers['user-agent'] ?? null
  const asked = { services, viewer: session.viewer, isTokenRefused: false, requestId: newId('request'), ip, userAgent }
  const context = createContext(asked)
  const variableValues = (variables ?? {}) as Record<string, unknown>
  try {
    checkOperation({ schema, ...read, variables: variableValues }, context)
  } catch (error) {
    return [asGraphQLError(error)]
  }
  session.operations.set(id, context)
  return {
    schema,
    document: read.document,
    operationName: operationName ?? null,
    variableValues,
    contextValue: context,
  }
}

/** A query or mutation, with the journal's head as it was before. */
async function run(args: ExecutionArgs): Promise<ExecutionResult> {
  const { schema, document, operationName, variableValues } = args
  const context = args.contextValue as Context
  const node = getOperationAST(document, operationName) as OperationDefinitionNode
  const position = String(await context.services.tail.current(HEAD_MAX_AGE_MS))
  const variables = (variableValues ?? {}) as Record<string, unknown>
  const result = await executeOperation({ schema, document, node, variables }, context)
  return { ...result, extensions: { ...result.extensions, position } } as unknown as ExecutionResult
}

/** What `run` answers is formatted already; the results of subscriptions are not. */
function formatted(result: ExecutionResult, context: Context): FormattedExecutionResult {
  const isRaw = result.errors?.some((error) => error instanceof GraphQLError) ?? false
  return isRaw ? formatResult(result, context) : (result as FormattedExecutionResult)
}

function end({ extra: { session } }: Connection, id: string): void {
  session?.operations.get(id)?.abort(new Error('The operation has ended'))
  session?.operations.delete(id)
}
