import 'reflect-metadata'
import websocket from '@fastify/websocket'
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { handleProtocols } from 'graphql-ws'
import { isOutage } from '../commands/failure.js'
import { newId } from '../platform/ids.js'
import { formatError } from './errors.js'
import { createApollo } from './http/apollo.js'
import { sendError, sendErrors } from './http/error-body.js'
import { graphqlHandler } from './http/graphql-route.js'
import { addHealthRoutes } from './http/health-routes.js'
import { NOUNS } from './nouns.js'
import { buildApiSchema } from './schema.js'
import type { Services } from './services.js'
import { isForeignOrigin } from './socket/origin.js'
import { socketServer } from './socket/serve-socket.js'
import { SessionGuard } from './socket/session-guard.js'
import { socketOptions } from './socket/socket-handler.js'

/** The server of the API. */
export interface Api {
  /** Answers where it listens, with the port that was chosen for port 0. */
  listen(host: string, port: number): Promise<string>
  /** Says that it is not ready, lets what is under way end, closes subscriptions with 1001. Again: waits for the first. */
  close(): Promise<void>
  /** The HTTP server, for requests without a socket in tests. */
  readonly app: FastifyInstance
}

const MAX_MESSAGE = 1_024 * 1_024
const PATH = '/graphql'

/** Everything that is answered by HTTP and WebSocket. Throws MissingAccessRuleError. */
export async function createApi(services: Services): Promise<Api> {
  const schema = await buildApiSchema()
  const apollo = createApollo(schema, services)
  await apollo.start()
  const guard = new SessionGuard(services)
  const stopping = new AbortController()
  const app = fastify({
    logger: false,
    bodyLimit: MAX_MESSAGE,
    trustProxy: [...services.trustProxy],
    forceCloseConnections: 'idle',
    return503OnClosing: false,
  })
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(error, request, reply, services))
  app.setNotFoundHandler((_, reply) => sendError(reply, 404, 'NOT_FOUND', 'There is nothing here; the API is /graphql'))
  await app.register(websocket, { options: { maxPayload: MAX_MESSAGE, perMessageDeflate: false, handleProtocols } })
  addHealthRoutes(app, services, () => stopping.signal.aborted)
  for (const { routes } of NOUNS) routes?.(app, services)
  await app.register(async (scope) => {
    const handler = graphqlHandler(scope, apollo, services)
    const wsHandler = socketServer(socketOptions(schema, services, guard), services.logger)
    const preValidation = async (request: FastifyRequest, reply: FastifyReply) => {
      if (isForeignOrigin(request, services)) await sendError(reply, 403, 'FORBIDDEN', 'The origin is not allowed')
    }
    scope.route({ method: 'GET', url: PATH, handler, wsHandler, preValidation })
    scope.route({ method: ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'], url: PATH, handler })
  })
  guard.start(stopping.signal)
  let closing: Promise<void> | null = null
  const close = async (): Promise<void> => {
    stopping.abort()
    guard.closeAll()
    await Promise.all([guard.stop(), app.close()])
    await apollo.stop()
  }
  return {
    app,
    listen: (host, port) => app.listen({ host, port }),
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

/** Errors before or beside GraphQL: a body that cannot be read, a bug in a route. */
function answerError(error: FastifyError, _request: FastifyRequest, reply: FastifyReply, services: Services) {
  const status = error.statusCode ?? 500
  if (status >= 500) {
    const requestId = newId('request')
    reply.header('x-request-id', requestId)
    return sendErrors(reply, isOutage(error) ? 503 : 500, [formatError(error, requestId, services.logger)])
  }
  // What has not been read of the body would be taken for the next request.
  if (status === 413) reply.header('connection', 'close')
  return sendError(reply, status, 'BAD_REQUEST', error.message)
}
