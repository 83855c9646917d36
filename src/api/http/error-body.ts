import type { FastifyReply } from 'fastify'

/** Answers a request that never became a GraphQL operation, in GraphQL's shape. */
export function sendError(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ errors: [{ message, extensions: { code } }] }))
}
