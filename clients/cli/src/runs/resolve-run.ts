import { findDag, parseDagPath } from '../dags/find-dag.js'
import { NotFoundFailure } from '../failure.js'
import type { Api } from '../graphql/api.js'

/** A run's id: itself, or the latest run of `PROJECT/DAG`. Throws NotFoundFailure when that DAG never ran. */
export async function resolveRun(api: Api, text: string): Promise<string> {
  if (!text.includes('/')) return text
  const dag = await findDag(api, parseDagPath(text))
  if (dag.latestRun === null) throw new NotFoundFailure(`DAG ${text}: has no run yet`, `dagbook run start ${text}`)
  return dag.latestRun.id
}
