import type { Reader } from '../list.js'
import { INSTANCE_COLUMNS, type InstanceRow } from './instance-row.js'

const FIND = `
  SELECT ${INSTANCE_COLUMNS} FROM unnest($1::text[], $2::text[]) AS wanted(run_id, key)
  JOIN run r ON r.id = wanted.run_id
  JOIN task t ON t.plan_id = r.plan_id AND t.key = wanted.key
  JOIN instance i ON i.run_id = r.id AND i.ordinal = t.ordinal`

/** The instances of tasks in runs, each pair by run and key; those that do not exist are left out. */
export async function findInstances(
  db: Reader,
  wanted: readonly { readonly runId: string; readonly taskKey: string }[],
): Promise<InstanceRow[]> {
  const values = [wanted.map(({ runId }) => runId), wanted.map(({ taskKey }) => taskKey)]
  return (await db.query<InstanceRow>({ name: 'find-instances', text: FIND, values })).rows
}
