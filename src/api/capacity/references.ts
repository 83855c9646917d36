import type { PoolId } from '../../domain/ids.js'
import { DEFAULT_POOL } from '../../domain/pool/pool.js'
import { getPools } from '../../projections/capacity/capacity-rows.js'
import type { Context } from '../context.js'
import { loadProject } from '../project/load-projects.js'
import { type UserError, userError } from '../user-error.js'
import { loadPool } from './load-capacity.js'

/** What an input names that is not there, or that the viewer does not see. */
export async function unknownReferences(
  poolId: string | null,
  projectIds: readonly string[],
  context: Context,
): Promise<UserError[]> {
  const errors: UserError[] = []
  if (poolId !== null && (await loadPool(poolId, context)) === null) {
    errors.push(userError('NOT_FOUND', `Pool ${poolId} is not there`, 'poolId'))
  }
  const projects = await Promise.all(projectIds.map((id) => loadProject(id, context)))
  for (const [index, project] of projects.entries()) {
    if (project !== null) continue
    errors.push(userError('NOT_FOUND', `Project ${projectIds[index]} is not there`, 'projectIds', String(index)))
  }
  return errors
}

/**
 * The projects that a machine or a queue is kept for from now on. Those that it was kept for and that the viewer does not
 * see stay: who names others takes it from none of them unawares.
 */
export async function keptFor(
  before: readonly string[],
  given: readonly string[],
  context: Context,
): Promise<string[]> {
  const projects = await Promise.all(before.map((id) => loadProject(id, context)))
  return [...new Set([...before.filter((_, at) => projects[at] === null), ...given])]
}

/** The pool of what names none. */
export async function defaultPool({ services }: Context): Promise<PoolId> {
  const [pool] = await getPools(services.database.pool, { names: [DEFAULT_POOL] })
  if (pool === undefined) throw new Error('The pool `default` is there from the start of the first server on')
  return pool.id as PoolId
}
