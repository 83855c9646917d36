import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { CACHE_LIMITS, type CacheRow, CacheUnavailableError, cacheKeyText } from '../../cache/cache.js'
import { checkEntry } from '../../cache/check-entry.js'
import { runOfHold } from '../../queue/holds.js'
import { BadInputError } from '../bad-input-error.js'
import { sendError } from '../http/error-body.js'
import type { Services } from '../services.js'
import { type UserError, userErrorsOf } from '../user-error.js'
import { readCacheBody } from './task-cache-body.js'
import { tooMuch } from './too-much.js'

/** A value of the largest size, and what is around it. */
const BODY_LIMIT = CACHE_LIMITS.valueBytes + 65_536
const PATH = '/task/cache'

/**
 * The cache of its own run for a task, by the token in its environment: GET /task/cache lists, GET, PUT and DELETE
 * /task/cache/entry?key=... read, set and delete one. The token names the attempt, and works while that runs.
 */
export function registerTaskCacheRoutes(app: FastifyInstance, services: Services): void {
  const { cache, clock } = services
  const options = { bodyLimit: BODY_LIMIT }
  const answer = (work: Work) => (request: TaskRequest, reply: FastifyReply) => respond(services, request, reply, work)
  app.get(
    PATH,
    answer(async (runId) => ({ entries: ((await cache.list([runId], clock.now())).get(runId) ?? []).map(shown) })),
  )
  app.get(
    `${PATH}/entry`,
    answer(async (runId, key) => {
      const row = (await cache.getMany([{ runId, key }], clock.now())).get(cacheKeyText({ runId, key }))
      return row === undefined ? null : { entry: shown(row) }
    }),
  )
  app.put(
    `${PATH}/entry`,
    options,
    answer((runId, key, body) => set(services, runId, key, body)),
  )
  app.delete(
    `${PATH}/entry`,
    answer(async (runId, key) => {
      const row = await cache.delete({ runId, key }, clock.now())
      return row === null ? null : { entry: shown(row) }
    }),
  )
}

type TaskRequest = FastifyRequest<{ Querystring: { key?: unknown } }>
type Work = (runId: string, key: string, body: unknown) => Promise<object | readonly UserError[] | null>

/** Null is answered 404, what the caller can correct 400. */
async function respond(
  services: Services,
  request: TaskRequest,
  reply: FastifyReply,
  work: Work,
): Promise<FastifyReply> {
  const runId = await runOf(services, request)
  if (runId === null) return sendError(reply, 401, 'UNAUTHENTICATED', 'This needs the token of a task that runs')
  const { key = '' } = request.query
  try {
    const found = await work(runId, String(key), request.body)
    if (found === null) return sendError(reply, 404, 'NOT_FOUND', 'There is no such entry')
    const isRefused = Array.isArray(found)
    return reply
      .code(isRefused ? 400 : 200)
      .header('cache-control', 'no-store')
      .send(isRefused ? { userErrors: found } : found)
  } catch (error) {
    if (error instanceof BadInputError) return sendError(reply, 400, 'BAD_USER_INPUT', error.message)
    if (error instanceof CacheUnavailableError) return sendError(reply, 503, 'INTERNAL', error.message)
    throw error
  }
}

/** The run whose attempt sends this, while somebody executes that attempt. */
async function runOf({ taskTokens, database }: Services, request: TaskRequest): Promise<string | null> {
  const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
  const claims = taskTokens.read(token)
  return claims === null ? null : runOfHold(database.pool, claims.instanceId, claims.fence)
}

async function set({ cache, clock }: Services, runId: string, key: string, body: unknown) {
  const now = clock.now()
  const entry = checkEntry({ key, ...readCacheBody(body) }, now)
  if ('rejections' in entry) return userErrorsOf(entry)
  const row = await cache.set({ runId, ...entry }, now)
  return row === 'ENTRIES' || row === 'BYTES' ? [tooMuch(row)] : { entry: shown(row) }
}

/** Times as the API has them. */
function shown({ key, type, value, expiresAt, createdAt, updatedAt }: CacheRow) {
  return { key, type, value, expiresAt, createdAt, updatedAt }
}
