import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Asked } from '../context.js'
import type { Services } from '../services.js'
import { askedBy } from './asked.js'
import { BODY_LIMIT, LARGE_BODY_LIMIT, mayBeLarge } from './large-body.js'
import { announcedLength, BodyTooLargeError, parseJson, readBody } from './read-body.js'

const ASKED = Symbol('asked')

/** Who asks, looked up once per request. */
export async function askedOnce(request: FastifyRequest, services: Services): Promise<Asked> {
  const known = request as FastifyRequest & { [ASKED]?: Promise<Asked> }
  known[ASKED] ??= askedBy(request, services)
  return known[ASKED]
}

/**
 * Reads the bodies of /graphql: JSON up to 64 KB, up to 12 MB for who is signed in and only publishes or checks a DAG.
 * What is no JSON has no body, which Apollo refuses.
 */
export function addBodyParsers(app: FastifyInstance, services: Services): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', async (request: FastifyRequest) => {
    if (announcedLength(request.raw) <= BODY_LIMIT && request.headers['transfer-encoding'] === undefined) {
      return parseJson(await readBody(request.raw, BODY_LIMIT))
    }
    const { viewer } = await askedOnce(request, services)
    const text = await readBody(request.raw, viewer === null ? BODY_LIMIT : LARGE_BODY_LIMIT)
    const body = parseJson(text)
    if (text.length > BODY_LIMIT && !mayBeLarge(body)) throw new BodyTooLargeError(BODY_LIMIT)
    return body
  })
  app.addContentTypeParser('*', async (request: FastifyRequest) => {
    await readBody(request.raw, BODY_LIMIT)
    return undefined
  })
}
