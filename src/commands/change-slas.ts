import { checkSlaActions, type SlaAction } from '../definitions/sla-actions.js'
import { checkSlaConditions, type SlaScopeName } from '../definitions/sla-conditions.js'
import type { SlaBreachId } from '../domain/ids.js'
import type { Json, JsonObject } from '../domain/json.js'
import { nameProblems } from '../domain/name.js'
import type { Refused, Rejection } from '../domain/rejection.js'
import { priorityProblems, type SlaBreached, type SlaScope, type SlaSettings } from '../domain/sla/sla.js'
import { newId } from '../platform/ids.js'
import { canonicalJson } from '../platform/json.js'
import type { Command } from './command.js'
import type { Prepared } from './prepared.js'

/** An SLA to be, as it was asked for. */
export interface SlaWish extends SlaScope {
  readonly name: string
  readonly conditions: JsonObject
  readonly actions: Json
  readonly priority: number
}

/** Settings as they were asked for; null: they stay. */
export interface SlaChange {
  readonly conditions: JsonObject | null
  readonly actions: Json | null
  readonly priority: number | null
  readonly isEnabled: boolean | null
}

/** What the scope is called in rules and messages. */
export function scopeName({ projectId, dagId, taskKey, queueId, poolId }: SlaScope): SlaScopeName {
  if (queueId !== null) return 'queue'
  if (poolId !== null) return 'pool'
  if (taskKey !== null) return 'task'
  if (dagId !== null) return 'dag'
  return projectId === null ? 'everywhere' : 'project'
}

/**
 * Makes an SLA, or says everything that is wrong with it. A name in use fails on the constraint `sla_name`, one more than
 * a project may have on the check `sla_limit`.
 */
export function prepareSla(
  wish: SlaWish,
): { readonly prepared: Prepared & Pick<Command, 'beside'>; readonly actions: readonly SlaAction[] } | Refused {
  const { name, priority } = wish
  const rules = checkedRules(wish.conditions, wish.actions, scopeName(wish))
  const wrong = [...nameProblems('SLA', name), ...priorityProblems(priority), ...rules.problems]
  if (wrong.length > 0) return { rejections: wrong }
  const { projectId, dagId, taskKey, queueId, poolId } = wish
  const { conditions, actions, stored } = rules
  const scope = { projectId, dagId, taskKey, queueId, poolId }
  const command = { type: 'CreateSla', name, ...scope, conditions, actions: stored, priority } as const
  const beside = projectId === null ? [] : [{ text: 'SELECT keep_few_slas($1::text)', values: [projectId] }]
  return { prepared: { streamId: newId('sla'), command: { aggregate: 'sla', command }, beside }, actions }
}

/** Changes an SLA; `before`: its rules as they are. */
export function prepareSlaChange(
  sla: { readonly id: string; readonly conditions: JsonObject; readonly actions: readonly Json[] } & SlaScope,
  change: SlaChange,
): { readonly prepared: Prepared; readonly actions: readonly SlaAction[] } | Refused {
  const rules = checkedRules(
    change.conditions ?? sla.conditions,
    change.actions ?? (sla.actions as Json[]),
    scopeName(sla),
  )
  const wrong = [...(change.priority === null ? [] : priorityProblems(change.priority)), ...rules.problems]
  if (wrong.length > 0) return { rejections: wrong }
  const { conditions, actions, stored } = rules
  const given: { [Key in keyof SlaSettings]: SlaSettings[Key] | null } = {
    conditions: change.conditions === null ? null : conditions,
    actions: change.actions === null ? null : stored,
    priority: change.priority,
    isEnabled: change.isEnabled,
  }
  const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
  const command = { type: 'UpdateSla', settings } as const
  return { prepared: { streamId: sla.id, command: { aggregate: 'sla', command } }, actions }
}

/** Takes an SLA away; its open breaches are resolved. */
export function deleteSla(streamId: string): Prepared {
  return { streamId, command: { aggregate: 'sla', command: { type: 'DeleteSla' } } }
}

/** What breaks an SLA; nothing follows for what has broken it already. */
export function breachSla(streamId: string, breached: Omit<SlaBreached, 'breachId'>): Prepared {
  const breachId = newId('slabreach') as SlaBreachId
  return { streamId, command: { aggregate: 'sla', command: { type: 'BreachSla', breachId, ...breached } } }
}

/** It is fine again. */
export function resolveSla(streamId: string, breachId: string, subjectId: string): Prepared {
  const command = { type: 'ResolveSla', breachId: breachId as SlaBreachId, subjectId } as const
  return { streamId, command: { aggregate: 'sla', command } }
}

interface CheckedRules {
  readonly conditions: JsonObject
  readonly actions: readonly SlaAction[]
  /** The actions as the journal keeps them. */
  readonly stored: readonly Json[]
  readonly problems: readonly Rejection[]
}

/** In the order of keys in which the journal keeps them, so that the same rules given again change nothing. */
function checkedRules(conditions: JsonObject, given: Json, scope: SlaScopeName): CheckedRules {
  const checked = checkSlaConditions(conditions, scope)
  const actions = checkSlaActions(given, scope, checked.subject)
  const fine = 'actions' in actions ? actions.actions : []
  return {
    conditions: inOrder(conditions) as JsonObject,
    actions: fine,
    stored: inOrder(fine) as Json[],
    problems: [...checked.problems, ...('problems' in actions ? actions.problems : [])],
  }
}

function inOrder(value: unknown): Json {
  return JSON.parse(canonicalJson(value)) as Json
}
