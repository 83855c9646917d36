import type { FastifyRequest } from 'fastify'
import { newId } from '../../platform/ids.js'
import type { Asked } from '../context.js'
import type { Services } from '../services.js'

/** Who asks by HTTP: whose access token or API token `authorization` holds, looked up anew for every request. */
export async function askedBy(request: FastifyRequest, services: Services): Promise<Asked> {
  const { authorization, 'user-agent': userAgent = null } = request.headers
  const found = authorization === undefined ? null : await services.access.authenticate(authorization)
  const viewer = found?.viewer ?? null
  const isTokenRefused = authorization !== undefined && viewer === null
  return { services, viewer, isTokenRefused, requestId: newId('request'), ip: request.ip, userAgent }
}
