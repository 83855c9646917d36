import { NotFoundFailure } from '../failure.js'
import type { Api } from '../graphql/api.js'

const PROJECT = /* GraphQL */ `
  query Project($name: String!) {
    project(name: $name) { id name }
  }
`

export interface ProjectRef {
  readonly id: string
  readonly name: string
}

/** The project of that name. Throws NotFoundFailure when there is none that the caller may see. */
export async function findProject(api: Api, name: string): Promise<ProjectRef> {
  const { data } = await api.query<{ project: ProjectRef | null }>(PROJECT, { name })
  if (data.project === null) throw projectNotFound(name)
  return data.project
}

/** That the caller sees no such project. */
export function projectNotFound(name: string): NotFoundFailure {
  return new NotFoundFailure(`Project ${name}: does not exist, or you have no role in it`, 'dagbook project list')
}

/** The ids of the projects of these names. Throws NotFoundFailure. */
export async function projectIds(api: Api, names: readonly string[]): Promise<string[]> {
  return (await Promise.all(names.map((name) => findProject(api, name)))).map(({ id }) => id)
}
