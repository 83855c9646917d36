import type { InstanceId } from '../../domain/ids.js'
import type { ReusedInstance } from '../../domain/run/commands.js'
import type { Reader } from '../list.js'

const ENDS = `
  SELECT id AS "from", task_key AS task, status, exit_code AS "exitCode", NULL AS output
  FROM instance WHERE run_id = $1::text ORDER BY ordinal`

/** How every instance of a run that has ended came to its end, in the file's order; without outputs, which are wide. */
export async function readEnds(db: Reader, runId: string): Promise<(ReusedInstance & { readonly from: InstanceId })[]> {
  return (await db.query<ReusedInstance>(ENDS, [runId])).rows
}
