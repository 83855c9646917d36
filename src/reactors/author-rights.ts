import { may } from '../access/policy.js'
import { readActor } from '../access/read-viewers.js'
import { rightFor } from '../commands/sla-rights.js'
import type { SlaAction } from '../definitions/sla-actions.js'
import type { Database } from '../platform/database.js'
import { getDags } from '../projections/dag/get-dags.js'
import type { Notice } from './notice.js'

/**
 * Why the SLA's author may not have this done by now, in ids alone: what became of actions is kept when a person is erased.
 * Null: the author may.
 */
export async function denialOf(database: Database, action: SlaAction, notice: Notice): Promise<string | null> {
  const right = rightFor(action, await projectOf(database, action, notice))
  if (right === null) return null
  const { userId, rights } = await readActor(database, notice.sla.author)
  if (may(rights, right.action, right.projectId)) return null
  const where = right.projectId === null ? '' : ` in ${right.projectId}`
  return `${userId}, who set SLA ${notice.sla.name} last, may not ${right.action}${where}`
}

async function projectOf(database: Database, action: SlaAction, { sla, run }: Notice): Promise<string | null> {
  if (action.type !== 'triggerDag') return run?.projectId ?? sla.projectId
  const [dag] = await getDags(database.pool, [action.dagId], null)
  return dag?.projectId ?? null
}
