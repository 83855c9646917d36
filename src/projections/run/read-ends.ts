import type { Verdict } from '../../domain/dag/verdict.js'
import type { InstanceId } from '../../domain/ids.js'
import type { ReusedInstance } from '../../domain/run/commands.js'
import type { Reader } from '../list.js'

const ENDS = `
  SELECT id AS "from", task_key AS task, status, exit_code AS "exitCode", NULL AS output, verdict
  FROM instance WHERE run_id = $1::text AND item IS NULL ORDER BY ordinal`

interface Row extends Omit<ReusedInstance, 'verdict'> {
  readonly verdict: Verdict | null
}

/** How the instance of every task of a run that has ended came to its end, in the file's order; without outputs, which are wide. */
export async function readEnds(db: Reader, runId: string): Promise<(ReusedInstance & { readonly from: InstanceId })[]> {
  const { rows } = await db.query<Row>(ENDS, [runId])
  return rows.map(({ verdict, ...end }) => (verdict === null ? end : { ...end, verdict }))
}
