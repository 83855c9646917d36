import type { Api } from '../graphql/api.js'
import { refuseUserErrors, type UserError } from '../graphql/failure-of.js'
import type { Problem } from './problems.js'

// publishDag is the only root field, since only then may the request be larger than 64 KB.
const PUBLISH = /* GraphQL */ `
  mutation PublishDag($input: PublishDagInput!) {
    publishDag(input: $input) {
      dag { id name }
      dagVersion { id number }
      problems { message code path line column }
      userErrors { message code path }
      position
    }
  }
`

interface PublishPayload {
  readonly dag: { readonly id: string; readonly name: string } | null
  readonly dagVersion: { readonly id: string; readonly number: number } | null
  readonly problems: readonly Problem[]
  readonly userErrors: readonly UserError[]
  readonly position: string | null
}

export interface Published {
  readonly dag: { readonly id: string; readonly name: string } | null
  readonly version: number | null
  /** False when the definition was the same as the latest version's, or was not published. */
  readonly isNew: boolean
  readonly problems: readonly Problem[]
}

/** Publishes a definition; its problems are returned, every other refusal is thrown. */
export async function publishDag(
  api: Api,
  projectId: string,
  source: string,
  expectedVersion?: number,
): Promise<Published> {
  const input = { projectId, source, ...(expectedVersion === undefined ? {} : { expectedVersion }) }
  const { publishDag: payload } = await api.mutate<{ publishDag: PublishPayload }>(PUBLISH, input)
  if (payload.problems.length === 0) refuseUserErrors(payload, 'dagbook dag list', 'dagbook project list')
  return {
    dag: payload.dag,
    version: payload.dagVersion?.number ?? null,
    isNew: payload.dagVersion !== null && payload.position !== null,
    problems: payload.problems,
  }
}
