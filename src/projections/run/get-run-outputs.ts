import type { Json } from '../../domain/json.js'
import type { Reader } from '../list.js'

/** The tasks that nobody needs are found by one pass over their plans, not by asking for each. */
const OUTPUTS = `
  WITH ended AS (SELECT id, plan_id FROM run WHERE id = ANY($1::text[]) AND ended_at IS NOT NULL),
  needed AS (SELECT DISTINCT t.plan_id, unnest(t.needs) AS ordinal FROM task t WHERE t.plan_id IN (SELECT plan_id FROM ended))
  SELECT ended.id, i.task_key AS "taskKey", i.output
  FROM ended JOIN instance i ON i.run_id = ended.id
  -- Elements of a list are their task's, whose output is theirs.
  WHERE i.output IS NOT NULL AND i.item IS NULL
    AND NOT EXISTS (SELECT FROM needed WHERE needed.plan_id = ended.plan_id AND needed.ordinal = i.ordinal)
  ORDER BY ended.id, i.ordinal`

/** What the ended runs came to: the outputs of the tasks with nothing after them, by key. */
export async function getRunOutputs(
  db: Reader,
  runIds: readonly string[],
): Promise<Map<string, { [taskKey: string]: Json }>> {
  const { rows } = await db.query<{ id: string; taskKey: string; output: Json }>({ text: OUTPUTS, values: [runIds] })
  const outputs = new Map<string, { [taskKey: string]: Json }>()
  for (const { id, taskKey, output } of rows) {
    const of = outputs.get(id) ?? Object.create(null)
    of[taskKey] = output
    outputs.set(id, of)
  }
  return outputs
}
