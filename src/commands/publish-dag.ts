import type { DefinitionProblem } from '../definitions/definition-report.js'
import { sourceChecksum } from '../definitions/source-checksum.js'
import type { ProjectId } from '../domain/ids.js'
import { newId } from '../platform/ids.js'
import { findDagId } from '../projections/dag/get-dags.js'
import type { Reader } from '../projections/list.js'
import { checkSource } from './check-source.js'
import type { Prepared } from './prepared.js'

export interface PublishDagRequest {
  readonly projectId: string
  readonly source: string
  readonly expectedVersion: number | null
}

export type PublishDagPreparation = Prepared | { readonly problems: readonly DefinitionProblem[] }

/**
 * Checks the file and addresses its DAG: the one of its name in the project, or a new one. Two who publish a name for
 * the first time at once are told apart by the unique index `dag_name`; who came second prepares again.
 */
export async function preparePublishDag(db: Reader, request: PublishDagRequest): Promise<PublishDagPreparation> {
  const { source, expectedVersion } = request
  const { definition, problems } = await checkSource(db, source, request.projectId)
  if (definition === null) return { problems }
  const streamId = (await findDagId(db, request.projectId, definition.name)) ?? newId('dag')
  const version = { dagVersionId: newId('dagversion'), source, definition, checksum: sourceChecksum(source) }
  const projectId = request.projectId as ProjectId
  return {
    streamId,
    command: { aggregate: 'dag', command: { type: 'PublishDag', projectId, expectedVersion, ...version } },
  }
}
