import { ApolloServer, type ApolloServerPlugin, type GraphQLRequestContext } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import type { FormattedExecutionResult, GraphQLFormattedError, GraphQLSchema } from 'graphql'
import { newId } from '../../platform/ids.js'
import { StalePositionError } from '../api-error.js'
import { BadInputError } from '../bad-input-error.js'
import type { Context } from '../context.js'
import { formatError } from '../errors.js'
import { executeOperation, formatErrors } from '../operation/execute.js'
import { LIMITS } from '../operation/limits.js'
import { checkOperation, type Operation, statusOf } from '../operation/prepare.js'
import { validateDocument } from '../operation/validate-document.js'
import type { Services } from '../services.js'

const MIN_POSITION_HEADER = 'dagbook-min-position'
const MIN_POSITION_WAIT_MS = 2_000

/** Of an operation that came by HTTP. */
export interface HttpContext extends Context {
  /** The journal's head before it began: the answer's `extensions.position`. */
  readonly head: number
}

/** Apollo as it is set up here: no landing page, no reports, no batches, no APQ, nothing that tells of the schema. */
export function createApollo(schema: GraphQLSchema, services: Services): ApolloServer<HttpContext> {
  const logger = services.logger.child({ part: 'apollo' })
  return new ApolloServer<HttpContext>({
    schema,
    logger: {
      debug: (text) => logger.debug(text),
      info: (text) => logger.info(text),
      warn: (text) => logger.warn(text),
      error: (text) => logger.error(text),
    },
    introspection: true,
    csrfPrevention: true,
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    // Done in responseForOperation, with the limits first and for WebSockets alike.
    dangerouslyDisableValidation: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: LIMITS.tokens },
    formatError: (_, error) => formatError(error, newId('request'), services.logger),
    plugins: [
      operationPlugin(schema),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginCacheControlDisabled(),
    ],
  })
}

/** What this API does around and instead of Apollo's own execution. */
function operationPlugin(schema: GraphQLSchema): ApolloServerPlugin<HttpContext> {
  return {
    async requestDidStart({ contextValue }) {
      const position = String(contextValue.head)
      return {
        async responseForOperation({ document, operation, request, contextValue: context, response: { http } }) {
          if (operation === undefined) return null
          const target = { schema, document, node: operation, variables: request.variables ?? {} }
          const { status, result } = await respond(target, request, context)
          if (status !== 200) http.status = status
          return { http, body: { kind: 'single', singleResult: result } }
        },
        async willSendResponse({ request, response: { body, http } }) {
          if (body.kind !== 'single') return
          const { errors } = body.singleResult
          const accept = request.http?.headers.get('accept') ?? ''
          if (http.status === 400 && isWellFormed(errors ?? [], accept)) http.status = 200
          body.singleResult.extensions = { ...body.singleResult.extensions, position }
        },
      }
    },
  }
}

const CALLERS_MISTAKES = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
])

/**
 * GraphQL over HTTP: what is answered as application/json has status 200 when the request was one of GraphQL, however
 * wrong its document. A document beyond the limits is not taken for one.
 */
function isWellFormed(errors: readonly GraphQLFormattedError[], accept: string): boolean {
  if (accept.includes('application/graphql-response+json')) return false
  return errors.every(({ message, extensions }) => {
    const code = String(extensions?.code)
    return CALLERS_MISTAKES.has(code) && !/contains more tha[nt] \d+ tokens|^An operation may have/.test(message)
  })
}

/** Validates, checks and executes one operation; the status is that of GraphQL over HTTP. */
async function respond(
  operation: Operation,
  request: GraphQLRequestContext<HttpContext>['request'],
  context: Context,
): Promise<{ status: number; result: FormattedExecutionResult }> {
  const { requestId, services } = context
  const invalid = validateDocument(operation.schema, operation.document)
  if (invalid.length > 0) return { status: 400, result: { errors: formatErrors(invalid, requestId, services.logger) } }
  try {
    checkOperation(operation, context)
    await reachMinimum(request, context)
  } catch (error) {
    return { status: statusOf(error), result: { errors: [formatError(error, requestId, services.logger)] } }
  }
  const result = await executeOperation(operation, context)
  return { status: 'data' in result ? 200 : 400, result }
}

/** Waits until the answer can be as new as the request asks for. Throws STALE_POSITION or BAD_USER_INPUT. */
async function reachMinimum(request: GraphQLRequestContext<HttpContext>['request'], context: Context): Promise<void> {
  const header = request.http?.headers.get(MIN_POSITION_HEADER)
  if (header === undefined) return
  if (!/^\d{1,15}$/.test(header)) {
    throw new BadInputError(MIN_POSITION_HEADER, 'must be a position in decimal digits')
  }
  const minimum = Number(header)
  const isReached = await context.services.tail.reached(minimum, MIN_POSITION_WAIT_MS)
  if (!isReached) throw new StalePositionError(minimum)
}
