import { readRecipients } from '../../access/read-recipients.js'
import { scopeName } from '../../commands/change-slas.js'
import { rightFor } from '../../commands/sla-rights.js'
import { isUserId, type SlaAction } from '../../definitions/sla-actions.js'
import type { DagId, PoolId, ProjectId, QueueId } from '../../domain/ids.js'
import { audienceOf, type SlaScope } from '../../domain/sla/sla.js'
import { findTasks } from '../../projections/dag/tasks.js'
import { authorize } from '../authorize.js'
import { loadPool, loadQueue } from '../capacity/load-capacity.js'
import type { Context } from '../context.js'
import { loadDag } from '../dag/load-dags.js'
import { loadProject } from '../project/load-projects.js'
import { type UserError, userError } from '../user-error.js'
import type { CreateSlaInput } from './sla.input.js'

/** The scope that the input names, or what is wrong with it. Throws when the viewer may not make SLAs of it. */
export async function authorizedScope(
  input: CreateSlaInput,
  context: Context,
): Promise<{ readonly scope: SlaScope } | { readonly userErrors: UserError[] }> {
  const { dagId = null, taskKey = null, queueId = null, poolId = null } = input
  const dag = dagId === null ? null : await loadDag(dagId, context)
  const projectId = input.projectId ?? dag?.projectId ?? null
  const errors: UserError[] = []
  const missing = (noun: string, id: string, path: string) =>
    errors.push(userError('NOT_FOUND', `${noun} ${id} is not there`, path))
  if (dagId !== null && (dag === null || dag.deletedAt !== null)) missing('DAG', dagId, 'dagId')
  if (projectId !== null && (await loadProject(projectId, context)) === null) missing('Project', projectId, 'projectId')
  if (queueId !== null && (await loadQueue(queueId, context)) === null) missing('Queue', queueId, 'queueId')
  if (poolId !== null && (await loadPool(poolId, context)) === null) missing('Pool', poolId, 'poolId')
  if (errors.length > 0) return { userErrors: errors }
  const scope: SlaScope = {
    projectId: projectId as ProjectId | null,
    dagId: dagId as DagId | null,
    taskKey,
    queueId: queueId as QueueId | null,
    poolId: poolId as PoolId | null,
  }
  authorizeScope(scope, context)
  if (dag !== null && dag.projectId !== projectId) {
    errors.push(userError('INVALID', `DAG ${dag.id} belongs to another project`, 'projectId'))
  }
  if ([projectId, queueId, poolId].filter((id) => id !== null).length > 1) {
    errors.push(userError('INVALID', 'An SLA is of a project, of a queue or of a pool, not of several', 'queueId'))
  }
  if (taskKey !== null) errors.push(...(await taskProblems(dag?.latestVersionId ?? null, taskKey, context)))
  return errors.length > 0 ? { userErrors: errors } : { scope }
}

async function taskProblems(versionId: string | null, key: string, { services }: Context): Promise<UserError[]> {
  if (versionId === null) return [userError('REQUIRED', 'The SLA of a task names its DAG, too', 'dagId')]
  const [task] = await findTasks(services.database.pool, [{ planId: versionId, key }])
  if (task !== undefined) return []
  return [userError('NOT_FOUND', `The DAG has no task ${key.slice(0, 100)}`, 'taskKey')]
}

/** Throws ForbiddenError unless the viewer may make and change SLAs of that scope. */
export function authorizeScope(scope: SlaScope, context: Context): void {
  const { projectId } = scope
  if (projectId !== null) authorize(context, 'manageSlas', projectId)
  if (scope.queueId !== null) authorize(context, 'manageQueues')
  if (scope.poolId !== null) authorize(context, 'managePools')
  if (scopeName(scope) === 'everywhere') authorize(context, 'manageAllSlas')
}

/** What actions name that is not there. Throws when the viewer may not do by hand what they do. */
export async function actionProblems(
  actions: readonly SlaAction[],
  scope: SlaScope,
  context: Context,
): Promise<UserError[]> {
  const errors = await Promise.all(
    actions.map((action, at) => problemsOf(action, scope, ['actions', String(at)], context)),
  )
  return errors.flat()
}

async function problemsOf(
  action: SlaAction,
  scope: SlaScope,
  path: readonly string[],
  context: Context,
): Promise<UserError[]> {
  const missing = (noun: string, id: string, ...more: string[]) => [
    userError('NOT_FOUND', `${noun} ${id} is not there`, ...path, ...more),
  ]
  const allow = (projectId: string | null) => {
    const right = rightFor(action, projectId)
    if (right !== null) authorize(context, right.action, right.projectId)
  }
  switch (action.type) {
    case 'cancelRun':
    case 'raisePriority':
    case 'retry':
      allow(scope.projectId)
      return []
    case 'pauseQueue':
      allow(null)
      return (await loadQueue(action.queueId, context)) === null ? missing('Queue', action.queueId, 'queueId') : []
    case 'triggerDag': {
      const dag = await loadDag(action.dagId, context)
      if (dag === null || dag.deletedAt !== null) return missing('DAG', action.dagId, 'dagId')
      allow(dag.projectId)
      return []
    }
    case 'webhook': {
      if (action.projectId === undefined) return []
      if ((await loadProject(action.projectId, context)) === null) {
        return missing('Project', action.projectId, 'projectId')
      }
      allow(null)
      return []
    }
    case 'email': {
      const people = await readRecipients(context.services.database, action.to.filter(isUserId), audienceOf(scope))
      const isFine = (to: string) => !isUserId(to) || people.has(to)
      const message = (to: string) => `User ${to} is not there, or may not see what the SLA watches`
      return action.to.flatMap((to, at) =>
        isFine(to) ? [] : [userError('NOT_FOUND', message(to), ...path, 'to', String(at))],
      )
    }
  }
}
