import type { Reader } from '../list.js'

const BY_RUN = `
  SELECT i.run_id AS id, sum(a.cpu_seconds) AS "cpuSeconds"
  FROM instance i JOIN attempt a ON a.instance_id = i.id
  WHERE i.run_id = ANY($1::text[]) GROUP BY i.run_id`

const BY_INSTANCE = `
  SELECT instance_id AS id, sum(cpu_seconds) AS "cpuSeconds" FROM attempt
  WHERE instance_id = ANY($1::text[]) GROUP BY instance_id`

/** Seconds of cpu over all attempts, by run; those that no attempt has reported for are left out. */
export function getRunUsage(db: Reader, runIds: readonly string[]): Promise<Map<string, number>> {
  return usage(db, BY_RUN, runIds)
}

/** As getRunUsage, by instance. */
export function getInstanceUsage(db: Reader, instanceIds: readonly string[]): Promise<Map<string, number>> {
  return usage(db, BY_INSTANCE, instanceIds)
}

async function usage(db: Reader, text: string, ids: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await db.query<{ id: string; cpuSeconds: number | null }>({ text, values: [ids] })
  return new Map(rows.flatMap(({ id, cpuSeconds }) => (cpuSeconds === null ? [] : [[id, cpuSeconds]])))
}
