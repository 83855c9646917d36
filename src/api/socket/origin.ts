import type { FastifyRequest } from 'fastify'
import type { Services } from '../services.js'

/**
 * Whether a web page of another site opens this WebSocket: browsers let every page do that and send its origin along.
 * Programs send none.
 */
export function isForeignOrigin(request: FastifyRequest, { allowedOrigins }: Services): boolean {
  const { upgrade, origin, host } = request.headers
  if (upgrade?.toLowerCase() !== 'websocket' || origin === undefined) return false
  if (allowedOrigins.includes(origin)) return false
  try {
    return new URL(origin).host !== host
  } catch {
    return true
  }
}
