import type { FastifyReply } from 'fastify'
import type { GraphQLFormattedError } from 'graphql'

/** Answers a request that never became a GraphQL operation, in GraphQL's shape. */
export function sendError(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return sendErrors(reply, status, [{ message, extensions: { code } }])
}

/** As sendError, with errors that were formatted already. */
export function sendErrors(
  reply: FastifyReply,
  status: number,
  errors: readonly GraphQLFormattedError[],
): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify({ errors }))
}
