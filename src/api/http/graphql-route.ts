import { type ApolloServer, HeaderMap, type HTTPGraphQLRequest } from '@apollo/server'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { createContext } from '../context.js'
import type { Services } from '../services.js'
import type { HttpContext } from './apollo.js'
import { addBodyParsers, askedOnce } from './body-parser.js'
import { sendError } from './error-body.js'

/** How old the head of `extensions.position` may be. An older one is still one that the answer includes. */
const HEAD_MAX_AGE_MS = 100
const METHODS = new Set(['GET', 'POST'])

/** Answers GraphQL over HTTP; the function is the route's handler for GET, POST and what is not allowed. */
export function graphqlHandler(app: FastifyInstance, apollo: ApolloServer<HttpContext>, services: Services) {
  addBodyParsers(app, services)
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (!METHODS.has(request.method)) {
      return sendError(reply.header('allow', 'GET, POST'), 405, 'BAD_REQUEST', 'GraphQL is asked by GET or POST')
    }
    const asked = await askedOnce(request, services)
    // Not in a hook of Apollo's, which would make something unexpected of a database that is away.
    const context = Object.assign(createContext(asked), { head: await services.tail.current(HEAD_MAX_AGE_MS) })
    reply.raw.once('close', () => context.abort(new Error('The client has gone')))
    const answer = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: toGraphQLRequest(request),
      context: async () => context,
    })
    for (const [name, value] of answer.headers) reply.header(name, value)
    reply.header('x-request-id', context.requestId)
    const { body } = answer
    return reply.code(answer.status ?? 200).send(body.kind === 'complete' ? body.string : '')
  }
}

function toGraphQLRequest(request: FastifyRequest): HTTPGraphQLRequest {
  const headers = new HeaderMap()
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  const query = request.raw.url?.indexOf('?') ?? -1
  const search = query < 0 ? '' : (request.raw.url ?? '').slice(query)
  return { method: request.method, headers, search, body: request.body }
}
