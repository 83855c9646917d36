import { NotFoundFailure, UsageFailure } from '../failure.js'
import type { Api } from '../graphql/api.js'

const DAG = /* GraphQL */ `
  query Dag($project: String!, $name: String!) {
    dag(project: $project, name: $name) {
      id name
      latestVersion { number parametersSchema }
      latestRun { id }
    }
  }
`

const DAG_AT_VERSION = /* GraphQL */ `
  query DagVersion($project: String!, $name: String!, $number: Int!) {
    dag(project: $project, name: $name) { version(number: $number) { number parametersSchema } }
  }
`

export interface DagVersionRef {
  readonly number: number
  readonly parametersSchema: Readonly<Record<string, unknown>> | null
}

export interface DagRef {
  readonly id: string
  readonly name: string
  readonly latestVersion: DagVersionRef
  readonly latestRun: { readonly id: string } | null
}

export interface DagPath {
  readonly project: string
  readonly name: string
}

/** Splits `PROJECT/DAG`. Throws UsageFailure on anything else. */
export function parseDagPath(text: string): DagPath {
  const [project, name, ...rest] = text.split('/')
  if (!project || !name || rest.length > 0) {
    throw new UsageFailure(`DAG: must be PROJECT/DAG, given ${text}`, 'dagbook dag list')
  }
  return { project, name }
}

/** The DAG with its latest version and run. Throws NotFoundFailure when the caller sees none of that name. */
export async function findDag(api: Api, path: DagPath): Promise<DagRef> {
  const { data } = await api.query<{ dag: DagRef | null }>(DAG, { ...path })
  if (data.dag === null) throw dagNotFound(path)
  return data.dag
}

/** That the caller sees no such DAG. */
export function dagNotFound({ project, name }: DagPath): NotFoundFailure {
  const message = `DAG ${project}/${name}: does not exist, or you have no role in its project`
  return new NotFoundFailure(message, `dagbook dag list --project ${project}`)
}

/** One version of a DAG that was found before. Throws NotFoundFailure when it has no such version. */
export async function findDagVersion(api: Api, path: DagPath, number: number): Promise<DagVersionRef> {
  const { data } = await api.query<{ dag: { version: DagVersionRef | null } | null }>(DAG_AT_VERSION, {
    ...path,
    number,
  })
  const version = data.dag?.version
  if (version == null)
    throw new NotFoundFailure(`DAG ${path.project}/${path.name}: has no version ${number}`, 'dagbook dag list')
  return version
}
