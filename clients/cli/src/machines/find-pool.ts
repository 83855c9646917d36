import { NotFoundFailure } from '../failure.js'
import type { Api } from '../graphql/api.js'

const POOL = /* GraphQL */ `
  query Pool($name: String!) { pool(name: $name) { id name } }
`

/** The pool of that name. Throws NotFoundFailure. */
export async function findPool(api: Api, name: string): Promise<{ readonly id: string; readonly name: string }> {
  const { data } = await api.query<{ pool: { id: string; name: string } | null }>(POOL, { name })
  const list = "dagbook api '{ pools { nodes { name } } }'"
  if (data.pool === null) throw new NotFoundFailure(`Pool ${name}: does not exist`, list)
  return data.pool
}
