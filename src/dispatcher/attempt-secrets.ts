import { decrypted, readSecrets } from '../commands/secrets.js'
import type { Json, JsonObject } from '../domain/json.js'
import { attemptSecretContext } from '../domain/project/secret-context.js'
import type { Database } from '../platform/database.js'
import type { Encryption } from '../platform/encryption.js'
import type { StoredAssignment } from './read-assignments.js'

/** The values of an attempt's secrets by variable; or why it cannot have them, and whether it had them before. */
export type AttemptSecrets =
  | { readonly values: Readonly<Record<string, string>> }
  | { readonly problem: string; readonly wasGiven: boolean }

const UNREADABLE = "Its secrets were encrypted with another secret key than this server's"

const KEPT = `
  SELECT instance_id AS "instanceId", attempt, sealed FROM attempt_secret
  WHERE (instance_id, attempt) IN (SELECT * FROM unnest($1::text[], $2::integer[]))`

/** What somebody has kept for the attempt stays: it is what the attempt was given. */
const KEEP = `
  INSERT INTO attempt_secret (instance_id, attempt, sealed, created_at)
  SELECT instance_id, attempt, sealed, now() FROM unnest($1::text[], $2::integer[], $3::bytea[])
    AS s(instance_id, attempt, sealed)
  ON CONFLICT (instance_id, attempt) DO NOTHING`

const FORGET = `
  DELETE FROM attempt_secret WHERE instance_id = $1::text AND attempt <= $2::integer`

const FORGET_LEFT = `
  DELETE FROM attempt_secret s WHERE created_at < now() - interval '1 day'
    AND NOT EXISTS (SELECT FROM queue_hold h WHERE h.instance_id = s.instance_id)`

/**
 * The secrets of attempts, read when they are dispatched. What an attempt is given is kept, encrypted, until it has ended:
 * who takes it over masks just that, whatever the secret is by then.
 */
export class SecretStore {
  constructor(
    private readonly database: Database,
    private readonly encryption: Encryption,
  ) {}

  /**
   * By instance id, for those of the attempts that name a secret. One that has begun and whose values cannot be read here is
   * left out of `values` with a problem, as any other that cannot have them.
   */
  async give(assignments: readonly StoredAssignment[]): Promise<Map<string, AttemptSecrets>> {
    const asking = assignments.filter((assignment) => namesOf(assignment).length > 0)
    if (asking.length === 0) return new Map()
    const kept = await this.#kept(asking)
    const missing = asking.filter(({ instanceId }) => !kept.has(instanceId))
    const fresh = await this.#fresh(missing)
    await this.#keep(missing, fresh)
    return new Map([...fresh, ...kept])
  }

  /** The attempt has ended, and its output is stored. */
  async forget({ instanceId, attempt }: { readonly instanceId: string; readonly attempt: number }): Promise<void> {
    await this.database.query(FORGET, [instanceId, attempt])
  }

  /** Forgets what a server has left behind that ended between the end of an attempt and `forget`. */
  async forgetLeft(): Promise<void> {
    await this.database.query(FORGET_LEFT, [])
  }

  async #kept(assignments: readonly StoredAssignment[]): Promise<Map<string, AttemptSecrets>> {
    const rows = await this.database.query<{ instanceId: string; attempt: number; sealed: Buffer }>(KEPT, [
      assignments.map(({ instanceId }) => instanceId),
      assignments.map(({ attempt }) => attempt),
    ])
    return new Map(
      rows.map(({ instanceId, attempt, sealed }) => {
        const text = decrypted(this.encryption, sealed, attemptSecretContext(instanceId, attempt))
        const values = text === null ? null : (JSON.parse(text) as Record<string, string>)
        return [instanceId, values === null ? { problem: UNREADABLE, wasGiven: true } : { values }] as const
      }),
    )
  }

  async #fresh(assignments: readonly StoredAssignment[]): Promise<Map<string, AttemptSecrets>> {
    const projectIds = [...new Set(assignments.map(({ projectId }) => projectId))]
    const names = [...new Set(assignments.flatMap((assignment) => namesOf(assignment).map(([, name]) => name)))]
    const known = await readSecrets(this.database.pool, this.encryption, projectIds, names)
    return new Map(assignments.map((assignment) => [assignment.instanceId, secretsOf(assignment, known)] as const))
  }

  async #keep(assignments: readonly StoredAssignment[], given: ReadonlyMap<string, AttemptSecrets>): Promise<void> {
    const rows = assignments.flatMap(({ instanceId, attempt }) => {
      const secrets = given.get(instanceId)
      if (secrets === undefined || !('values' in secrets)) return []
      const sealed = this.encryption.encrypt(JSON.stringify(secrets.values), attemptSecretContext(instanceId, attempt))
      return [{ instanceId, attempt, sealed }]
    })
    if (rows.length === 0) return
    const values = [
      rows.map(({ instanceId }) => instanceId),
      rows.map(({ attempt }) => attempt),
      rows.map(({ sealed }) => sealed),
    ]
    await this.database.query(KEEP, values)
  }
}

function secretsOf(assignment: StoredAssignment, known: ReadonlyMap<string, string | null>): AttemptSecrets {
  const values: Record<string, string> = {}
  for (const [variable, name] of namesOf(assignment)) {
    const value = known.get(`${assignment.projectId}/${name}`)
    if (value === undefined) return { problem: `Its project has no secret ${name}`, wasGiven: false }
    if (value === null)
      return { problem: `Its secret ${name} was encrypted with another secret key than this server's`, wasGiven: false }
    values[variable] = value
  }
  return { values }
}

/** Variables with the names of the secrets that they take. */
function namesOf({ action }: StoredAssignment): [variable: string, secret: string][] {
  if (!('environment' in action)) return []
  return Object.entries(action.environment).flatMap(([variable, value]): [string, string][] => {
    const name = secretNameOf(value)
    return name === null ? [] : [[variable, name]]
  })
}

function secretNameOf(value: Json): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const { secret } = value as JsonObject
  return typeof secret === 'string' ? secret : null
}
