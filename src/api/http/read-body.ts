import type { IncomingMessage } from 'node:http'

/** The body is larger than such a request may have. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError'
  readonly code = 'BODY_TOO_LARGE'
  readonly statusCode = 413
  constructor(readonly limit: number) {
    super(`Request body must be at most ${limit} bytes`)
  }
}

/** The body is no JSON text in UTF-8. */
export class BodyNotJsonError extends Error {
  override readonly name = 'BodyNotJsonError'
  readonly code = 'BODY_NOT_JSON'
  readonly statusCode = 400
  constructor(options?: ErrorOptions) {
    super('Request body must be JSON', options)
  }
}

/** Reads a body up to a limit. One that announces more is refused without being read. Throws BodyTooLargeError. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (announcedLength(request) > limit) throw new BodyTooLargeError(limit)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) throw new BodyTooLargeError(limit)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** What content-length says; 0 where it is missing. */
export function announcedLength(request: IncomingMessage): number {
  const length = Number(request.headers['content-length'] ?? 0)
  return Number.isFinite(length) ? length : 0
}

/** Throws BodyNotJsonError. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    throw new BodyNotJsonError({ cause: error })
  }
}
