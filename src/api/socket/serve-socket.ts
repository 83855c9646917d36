import type { WebSocket } from '@fastify/websocket'
import type { FastifyRequest } from 'fastify'
import { makeServer, type ServerOptions } from 'graphql-ws'
import type { Logger } from '../../platform/logger.js'

/** What a connection is known by before it is signed in. */
export interface SocketOrigin {
  readonly socket: WebSocket
  readonly request: FastifyRequest
}

const PING_EVERY_MS = 12_000
const INTERNAL_ERROR = 4500

/**
 * Speaks graphql-transport-ws on one socket. In place of graphql-ws's own adapter, which prints to the console whatever
 * a client makes fail: here it goes to the log, and nothing of it to the client.
 */
export function socketServer<Params extends Record<string, unknown>, Extra extends SocketOrigin>(
  options: ServerOptions<Params, Extra>,
  logger: Logger,
): (socket: WebSocket, request: FastifyRequest) => void {
  const server = makeServer(options)
  return (socket, request) => {
    // A frame that is too large, or broken: ws closes the socket by itself.
    socket.on('error', (error: Error) => logger.debug({ err: error }, 'A WebSocket broke'))
    const stopPings = keepAlive(socket)
    const onMessage = (handle: (data: string) => Promise<void>) => {
      socket.on('message', (data: Buffer) => {
        handle(String(data)).catch((error: unknown) => {
          logger.error({ err: error }, 'A WebSocket message failed')
          socket.close(INTERNAL_ERROR, 'Internal server error')
        })
      })
    }
    const adapter = {
      protocol: socket.protocol,
      send: (data: string) => send(socket, data),
      close: (code: number, reason: string) => socket.close(code, reason),
      onMessage,
    }
    const closed = server.opened(adapter, { socket, request } as Extra)
    socket.once('close', (code: number, reason: Buffer) => {
      stopPings()
      Promise.resolve(closed(code, String(reason))).catch((error: unknown) => {
        logger.error({ err: error }, 'A WebSocket was not cleaned up')
      })
    })
  }
}

/** Resolves when the data has left; a client that has gone meanwhile needs no answer. */
function send(socket: WebSocket, data: string): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState === socket.OPEN) socket.send(data, () => resolve())
    else resolve()
  })
}

/** Ends a line that answers no ping until the next one is due. Answers how to stop. */
function keepAlive(socket: WebSocket): () => void {
  let isAlive = true
  socket.on('pong', () => {
    isAlive = true
  })
  const timer = setInterval(() => {
    if (!isAlive) return socket.terminate()
    isAlive = false
    socket.ping()
  }, PING_EVERY_MS)
  return () => clearInterval(timer)
}
