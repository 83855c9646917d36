import { ELEMENT_STRIDE, parseElementKey } from '../../domain/dag/elements.js'
import type { Reader } from '../list.js'
import { INSTANCE_COLUMNS, type InstanceRow } from './instance-row.js'

const FIND = `
  SELECT ${INSTANCE_COLUMNS} FROM unnest($1::text[], $2::text[], $3::integer[]) AS wanted(run_id, key, element)
  JOIN run r ON r.id = wanted.run_id
  JOIN task t ON t.plan_id = r.plan_id AND t.key = wanted.key
  JOIN instance i ON i.run_id = r.id AND i.ordinal = coalesce((t.ordinal + 1) * ${ELEMENT_STRIDE} + wanted.element, t.ordinal)`

/** The instances of tasks in runs, each pair by run and key; those that do not exist are left out. */
export async function findInstances(
  db: Reader,
  wanted: readonly { readonly runId: string; readonly taskKey: string }[],
): Promise<InstanceRow[]> {
  const elements = wanted.map(({ taskKey }) => parseElementKey(taskKey))
  const keys = wanted.map(({ taskKey }, at) => elements[at]?.task ?? taskKey)
  const values = [wanted.map(({ runId }) => runId), keys, elements.map((element) => element?.index ?? null)]
  return (await db.query<InstanceRow>({ name: 'find-instances', text: FIND, values })).rows
}
