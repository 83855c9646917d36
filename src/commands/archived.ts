import type { Rejection } from '../domain/rejection.js'
import type { Reader } from '../projections/list.js'
import { rejection } from './prepared.js'

const READ = 'SELECT name FROM project WHERE id = $1::text AND archived_at IS NOT NULL'

/** Why nothing new may begin in the project; none: it may. `path` is the part of the input that leads there. */
export async function archivedProblems(db: Reader, projectId: string, path: string): Promise<Rejection[]> {
  const { rows } = await db.query<{ name: string }>({ name: 'archived-project', text: READ, values: [projectId] })
  return rows.map(({ name }) =>
    rejection('NOT_ALLOWED_IN_STATE', `Project ${name} is archived: it can be read only`, path),
  )
}
