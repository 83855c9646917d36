import type { Reader } from '../list.js'

const FIND = `
  SELECT 'queue' AS kind, name, pool_id FROM queue WHERE name = ANY($1::text[])
  UNION ALL
  SELECT 'machine', name, pool_id FROM machine WHERE name = ANY($2::text[]) AND removed_at IS NULL`

/** The pools of the queues and machines that there are among these names. */
export async function findPools(
  db: Reader,
  queues: readonly string[],
  machines: readonly string[],
): Promise<{ readonly queues: ReadonlyMap<string, string>; readonly machines: ReadonlyMap<string, string> }> {
  const { rows } = await db.query<{ kind: string; name: string; pool_id: string }>(FIND, [queues, machines])
  const of = (kind: string) => new Map(rows.flatMap((row) => (row.kind === kind ? [[row.name, row.pool_id]] : [])))
  return { queues: of('queue'), machines: of('machine') }
}

const QUEUES_OF = `
  SELECT DISTINCT q.id FROM instance i JOIN task t ON t.id = i.task_id JOIN queue q ON q.name = t.queue
  WHERE i.id = ANY($1::text[])`

/** The queues that these instances wait in, or would. */
export async function findQueueIds(db: Reader, instanceIds: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>({ name: 'queues-of', text: QUEUES_OF, values: [instanceIds] })
  return rows.map(({ id }) => id)
}
