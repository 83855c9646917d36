import type { Reader } from '../list.js'
import type { PastRuns } from './past-runs.js'
import { ENDED, FAILED, NOT_YET } from './run-subjects.js'

/** A run that ended. */
export interface PastEndRow {
  readonly endedAt: Date
  readonly isFailed: boolean
}

/** By DAG, or by project, all of them if need be: each has its index of ended runs. */
const read = (parent: string, parents: string) => `
  SELECT part.* FROM ${parents} CROSS JOIN LATERAL (
    SELECT r.ended_at AS "endedAt", ${FAILED} AS "isFailed" FROM run r
    WHERE r.${parent} = p.id AND ${ENDED} >= $2::timestamptz AND ${ENDED} < least($3::timestamptz, ${NOT_YET})
    ORDER BY ${ENDED} DESC LIMIT $4::integer) AS part
  ORDER BY part."endedAt" DESC LIMIT $4::integer`

const OF_DAG = read('dag_id', '(SELECT $1::text AS id) AS p')
const WIDE = read('project_id', '(SELECT id FROM project WHERE $1::text IS NULL OR id = $1::text) AS p')

/** Those of the scope that ended in the range, in order; of more than `limit` the newest. */
export async function findPastEnds(db: Reader, past: PastRuns, limit: number): Promise<PastEndRow[]> {
  const { dagId, projectId, from, to } = past
  const text = dagId !== null ? OF_DAG : WIDE
  return (await db.query<PastEndRow>({ text, values: [dagId ?? projectId, from, to, limit] })).rows.reverse()
}
