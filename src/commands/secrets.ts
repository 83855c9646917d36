import { SECRET_NAME } from '../definitions/check-values.js'
import type { ProjectId } from '../domain/ids.js'
import { secretContext } from '../domain/project/secret-context.js'
import type { Rejection } from '../domain/rejection.js'
import { DecryptionError, type Encryption } from '../platform/encryption.js'
import type { Statement } from '../platform/statement.js'
import type { Reader } from '../projections/list.js'
import type { Addressed } from './command.js'

/** Linux takes no longer variable. */
const MAX_BYTES = 120_000

/** Everything that is wrong with a secret; the value is not repeated. */
export function secretProblems(name: string, value: string): Rejection[] {
  const rule = 'must be 1 to 100 letters, digits, "_" or "-", the first a letter or "_"'
  const given = JSON.stringify(name.slice(0, 100))
  const bytes = Buffer.byteLength(value)
  const length = `Secret value must have 1 to ${MAX_BYTES} bytes, given ${bytes}`
  return [
    ...(SECRET_NAME.test(name)
      ? []
      : [{ code: 'INVALID' as const, message: `Secret name ${rule}, given ${given}`, path: ['name'] }]),
    ...(bytes >= 1 && bytes <= MAX_BYTES ? [] : [{ code: 'INVALID' as const, message: length, path: ['value'] }]),
  ]
}

interface SecretChange {
  readonly streamId: ProjectId
  readonly command: Addressed
  readonly beside: Statement
}

const WRITE = `
  INSERT INTO secret (project_id, name, sealed, created_at, updated_at)
  VALUES ($1::text, $2::text, $3::bytea, $4::timestamptz, $4::timestamptz)
  ON CONFLICT (project_id, name) DO UPDATE SET sealed = EXCLUDED.sealed, updated_at = EXCLUDED.updated_at`

/** Gives a secret of the project a value, encrypted for that name alone. */
export function setSecret(
  streamId: ProjectId,
  secret: { readonly name: string; readonly value: string },
  encryption: Encryption,
  now: Date,
): SecretChange {
  const { name, value } = secret
  const sealed = encryption.encrypt(value, secretContext(streamId, name))
  return {
    streamId,
    command: { aggregate: 'project', command: { type: 'SetSecret', name } },
    beside: { text: WRITE, values: [streamId, name, sealed, now] },
  }
}

const DELETE = 'DELETE FROM secret WHERE project_id = $1::text AND name = $2::text'

/** Takes a secret away; attempts that have it keep it. */
export function deleteSecret(streamId: ProjectId, name: string): SecretChange {
  return {
    streamId,
    command: { aggregate: 'project', command: { type: 'DeleteSecret', name } },
    beside: { text: DELETE, values: [streamId, name] },
  }
}

const READ = `
  SELECT project_id AS "projectId", name, sealed FROM secret WHERE project_id = ANY($1::text[]) AND name = ANY($2::text[])`

/** The values by `<project id>/<name>`; null where one is of another key. */
export async function readSecrets(
  db: Reader,
  encryption: Encryption,
  projectIds: readonly string[],
  names: readonly string[],
): Promise<Map<string, string | null>> {
  if (names.length === 0) return new Map()
  const { rows } = await db.query<{ projectId: string; name: string; sealed: Buffer }>(READ, [projectIds, names])
  return new Map(
    rows.map(({ projectId, name, sealed }) => [
      `${projectId}/${name}`,
      decrypted(encryption, sealed, secretContext(projectId, name)),
    ]),
  )
}

/** Null: it was encrypted with another key, or for something else. */
export function decrypted(encryption: Encryption, sealed: Buffer, context: string): string | null {
  try {
    return encryption.decrypt(sealed, context).toString()
  } catch (error) {
    if (error instanceof DecryptionError) return null
    throw error
  }
}
