import { type Client, DatabaseError, escapeIdentifier } from 'pg'
import { APPLICATION_ROLE } from './database.js'

/** The connecting user may not make the roles or grants that are needed; the message is the SQL to run as one who may. */
export class RoleSetupError extends Error {
  override readonly name = 'RoleSetupError'
  readonly code = 'ROLE_SETUP'
  constructor(
    readonly sql: readonly string[],
    options?: ErrorOptions,
  ) {
    super(
      `Database roles could not be set up by this user. Run this as a superuser, then start again:\n\n${sql.join('\n')}\n`,
      options,
    )
  }
}

const INSUFFICIENT_PRIVILEGE = '42501'

/**
 * Makes the application's role unless the cluster has it, and lets the owner (the client's user) and, when it is
 * another, the application's user work as it. Idempotent; several databases of one cluster may do it at once.
 */
export async function ensureApplicationRole(owner: Client, applicationUser: string | null): Promise<void> {
  const { rows } = await owner.query<{ name: string; version: number }>(
    `SELECT current_user::text AS name, current_setting('server_version_num')::integer AS version`,
  )
  const { name, version } = rows[0] as { name: string; version: number }
  const members = applicationUser === null || applicationUser === name ? [name] : [name, applicationUser]
  const grants = members.map((member) => grantText(member, version))
  const schema = `GRANT USAGE ON SCHEMA public TO ${APPLICATION_ROLE};`
  const create = `GRANT CREATE ON SCHEMA public TO ${escapeIdentifier(name)};`
  try {
    await createRole(owner)
    for (const [index, member] of members.entries()) await grantRole(owner, member, grants[index] as string, version)
    const rights = await schemaRights(owner)
    if (!rights.uses) await owner.query(schema)
    if (!rights.creates) throw new RoleSetupError([create])
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== INSUFFICIENT_PRIVILEGE) throw error
    throw new RoleSetupError([`CREATE ROLE ${APPLICATION_ROLE} NOLOGIN;`, ...grants, schema, create], { cause: error })
  }
}

/** PostgreSQL 16 split membership: what SET ROLE needs is the SET option. */
function grantText(member: string, version: number): string {
  const option = version >= 160_000 ? ' WITH SET TRUE' : ''
  return `GRANT ${APPLICATION_ROLE} TO ${escapeIdentifier(member)}${option};`
}

async function createRole(owner: Client): Promise<void> {
  const { rowCount } = await owner.query('SELECT FROM pg_roles WHERE rolname = $1::text', [APPLICATION_ROLE])
  if (rowCount !== 0) return
  try {
    await owner.query(`CREATE ROLE ${APPLICATION_ROLE} NOLOGIN`)
  } catch (error) {
    // Another database's migrator was faster: 42710 after, 23505 during its commit.
    if (!(error instanceof DatabaseError) || !['42710', '23505'].includes(error.code ?? '')) throw error
  }
}

async function grantRole(owner: Client, member: string, grant: string, version: number): Promise<void> {
  const right = version >= 160_000 ? 'SET' : 'MEMBER'
  const { rows } = await owner.query<{ has: boolean }>('SELECT pg_has_role($1::text, $2::text, $3::text) AS has', [
    member,
    APPLICATION_ROLE,
    right,
  ])
  if (rows[0]?.has === true) return
  for (let attempt = 1; ; attempt += 1) {
    try {
      await owner.query(grant)
      return
    } catch (error) {
      // Two databases granting at once: XX000 "tuple concurrently updated", or 23505.
      const isRace = error instanceof DatabaseError && ['XX000', '23505'].includes(error.code ?? '')
      if (!isRace || attempt === 5) throw error
    }
  }
}

/** Whether the application may look into the schema, and whether the owner may create in it. */
async function schemaRights(owner: Client): Promise<{ uses: boolean; creates: boolean }> {
  const { rows } = await owner.query<{ uses: boolean; creates: boolean }>(
    `SELECT has_schema_privilege($1::text, 'public', 'USAGE') AS uses,
            has_schema_privilege('public', 'CREATE') AS creates`,
    [APPLICATION_ROLE],
  )
  return rows[0] ?? { uses: false, creates: false }
}
