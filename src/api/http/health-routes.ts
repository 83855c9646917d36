import type { FastifyInstance } from 'fastify'
import type { Services } from '../services.js'

const READY_WITHIN_MS = 2_000

/**
 * /livez: the process answers. /readyz: it can work (the database answers, its schema is there, no shutdown is under
 * way), else 503 with what is missing. /version: of this program.
 */
export function addHealthRoutes(app: FastifyInstance, services: Services, isDraining: () => boolean): void {
  app.get('/livez', (_, reply) => reply.send({ status: 'ok' }))
  app.get('/version', (_, reply) => reply.send({ name: 'dagbook', version: services.version }))
  app.get('/readyz', async (_, reply) => {
    if (isDraining()) return reply.code(503).send({ status: 'draining' })
    const problem = await databaseProblem(services)
    return problem === null ? reply.send({ status: 'ok' }) : reply.code(503).send({ status: problem })
  })
}

async function databaseProblem({ database, logger }: Services): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${READY_WITHIN_MS} ms`)), READY_WITHIN_MS)
  })
  const asked = database.query<{ steps: number }>('SELECT count(*) AS steps FROM schema_migration_record')
  try {
    const [row] = await Promise.race([asked, late])
    return Number(row?.steps) > 0 ? null : 'database not migrated'
  } catch (error) {
    logger.warn({ err: error }, 'Not ready: the database does not answer')
    return 'database unreachable'
  } finally {
    clearTimeout(timer)
  }
}
