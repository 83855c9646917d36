import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { mayAnywhere } from '../../access/policy.js'
import { visibleProjectIds } from '../../access/viewer.js'
import { readStreamBytes, readStreamLength, type StreamKey } from '../../projections/output/read-stream-bytes.js'
import { getInstances } from '../../projections/run/get-instances.js'
import { askedBy } from '../http/asked.js'
import { sendError } from '../http/error-body.js'
import type { Services } from '../services.js'
import { byteRange } from './byte-range.js'

interface LogParams {
  readonly instanceId: string
  readonly attempt: string
  readonly stream: string
}

const STREAMS: { readonly [name: string]: StreamKey['stream'] } = { stdout: 'STDOUT', stderr: 'STDERR' }

/**
 * GET /logs/<instance id>/<attempt>/<stdout|stderr>: the bytes as they were collected, up to what there is by now, with
 * Range. Read a few chunks at a time, as the client takes them.
 */
export function registerLogRoutes(app: FastifyInstance, services: Services): void {
  app.get<{ Params: LogParams }>('/logs/:instanceId/:attempt/:stream', async (request, reply) => {
    const { viewer } = await askedBy(request, services)
    if (viewer === null) return sendError(reply, 401, 'UNAUTHENTICATED', 'This needs an access token')
    if (!mayAnywhere(viewer, 'readProject')) return sendError(reply, 403, 'FORBIDDEN', 'The token is not one to read')
    const key = keyOf(request.params)
    const { pool } = services.database
    const [instance] = key === null ? [] : await getInstances(pool, [key.instanceId], visibleProjectIds(viewer))
    if (key === null || instance === undefined) return sendError(reply, 404, 'NOT_FOUND', 'There is no such output')
    return send(request, reply, key, services)
  })
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  key: StreamKey,
  services: Services,
): Promise<FastifyReply> {
  const { pool } = services.database
  const length = await readStreamLength(pool, key)
  const range = byteRange(request.headers.range, length)
  reply.header('accept-ranges', 'bytes').header('cache-control', 'no-store').header('x-content-type-options', 'nosniff')
  if (range === 'unsatisfiable') {
    return sendError(reply.header('content-range', `bytes */${length}`), 416, 'BAD_USER_INPUT', 'Range is not there')
  }
  const { from, to } = range ?? { from: 0, to: length }
  if (range !== null) reply.code(206).header('content-range', `bytes ${from}-${to - 1}/${length}`)
  reply.type('text/plain; charset=utf-8').header('content-length', to - from)
  return reply.send(Readable.from(readStreamBytes(pool, key, from, to), { objectMode: false, highWaterMark: 65_536 }))
}

function keyOf({ instanceId, attempt, stream }: LogParams): StreamKey | null {
  const name = STREAMS[stream]
  if (name === undefined || !/^[1-9]\d{0,6}$/.test(attempt) || instanceId.length > 100) return null
  return { instanceId, attempt: Number(attempt), stream: name }
}
