import type { FastifyRequest } from 'fastify'
import { newId } from '../../platform/ids.js'
import type { Asked } from '../context.js'
import type { Services } from '../services.js'

/** Who asks by HTTP: the session of `authorization: Bearer <access token>`, looked up anew for every request. */
export async function askedBy(request: FastifyRequest, services: Services): Promise<Asked> {
  const { authorization, 'user-agent': userAgent = null } = request.headers
  const claims = authorization === undefined ? null : services.access.readBearer(authorization)
  const viewer = claims === null ? null : await services.access.viewerOfSession(claims.sessionId)
  const isTokenRefused = authorization !== undefined && viewer === null
  return { services, viewer, isTokenRefused, requestId: newId('request'), ip: request.ip, userAgent }
}
