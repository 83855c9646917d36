import type { PoolClient } from 'pg'
import type { MachineId } from '../domain/ids.js'
import { privateKeyContext } from '../domain/machine/key-context.js'
import { attemptSecretContext, secretContext } from '../domain/project/secret-context.js'
import type { Database } from '../platform/database.js'
import { DecryptionError, type Encryption } from '../platform/encryption.js'

/** What a rotation did. */
export interface Rotation {
  /** Values that were encrypted with the old key and are now with the new one. */
  readonly rotated: number
  /** Values that were encrypted with the new key already. */
  readonly kept: number
}

/** Servers run: with the old key they would go on writing what nobody can read afterwards. */
export class ServersRunningError extends Error {
  readonly code = 'SERVERS_RUNNING'
  override readonly name = 'ServersRunningError'

  /** `servers`: each as people find it, by its node, host and process. */
  constructor(readonly servers: readonly string[]) {
    super(`The secret key is not changed while servers run: ${servers.join(', ')}. Stop them, then do this again`)
  }
}

/** A table of encrypted values: its key's columns, and what a row is encrypted for. */
interface Sealed {
  readonly table: string
  readonly key: readonly string[]
  readonly contextOf: (key: readonly string[]) => string
}

const SEALED: readonly Sealed[] = [
  { table: 'machine_key', key: ['machine_id'], contextOf: ([id = '']) => privateKeyContext(id as MachineId) },
  {
    table: 'secret',
    key: ['project_id', 'name'],
    contextOf: ([project = '', name = '']) => secretContext(project, name),
  },
  {
    table: 'attempt_secret',
    key: ['instance_id', 'attempt'],
    contextOf: ([instance = '', attempt]) => attemptSecretContext(instance, Number(attempt)),
  },
]

const RUNNING = `
  SELECT id, hostname, pid FROM node WHERE lease_expires_at > now() ORDER BY hostname, pid`

/**
 * Encrypts everything that the secret key protects anew, in one transaction: afterwards all of it is readable with the new
 * key, or nothing has changed. Again: does nothing. Throws ServersRunningError while a server holds a lease, and
 * DecryptionError where a value is readable with neither.
 */
export function rotateSecretKey(database: Database, from: Encryption, to: Encryption): Promise<Rotation> {
  return database.transaction(async (tx: PoolClient) => {
    await refuseWhileRunning(tx)
    let [rotated, kept] = [0, 0]
    for (const sealed of SEALED) {
      const done = await rotateTable(tx, sealed, from, to)
      rotated += done.rotated
      kept += done.kept
    }
    return { rotated, kept }
  })
}

async function refuseWhileRunning(tx: PoolClient): Promise<void> {
  const { rows } = await tx.query<{ id: string; hostname: string; pid: number }>(RUNNING)
  if (rows.length === 0) return
  throw new ServersRunningError(rows.map(({ id, hostname, pid }) => `${id} (pid ${pid} on ${hostname})`))
}

async function rotateTable(
  tx: PoolClient,
  { table, key, contextOf }: Sealed,
  from: Encryption,
  to: Encryption,
): Promise<Rotation> {
  await tx.query(`LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE`)
  const columns = key.map((column) => `${column}::text`).join(', ')
  const { rows } = await tx.query<{ key: string[]; sealed: Buffer }>(
    `SELECT ARRAY[${columns}] AS key, sealed FROM ${table} ORDER BY ${key.join(', ')}`,
  )
  const changed = rows.flatMap((row) => {
    const context = contextOf(row.key)
    const plain = decryptOld(row.sealed, context, from, to)
    return plain === null ? [] : [{ key: row.key, sealed: to.encrypt(plain, context) }]
  })
  const matches = key.map((column, index) => `t.${column}::text = n.key->>${index}`).join(' AND ')
  await tx.query(
    `UPDATE ${table} t SET sealed = n.sealed FROM unnest($1::jsonb[], $2::bytea[]) AS n(key, sealed) WHERE ${matches}`,
    [changed.map((row) => JSON.stringify(row.key)), changed.map(({ sealed }) => sealed)],
  )
  return { rotated: changed.length, kept: rows.length - changed.length }
}

/** Null: it is encrypted with the new key already. */
function decryptOld(sealed: Buffer, context: string, from: Encryption, to: Encryption): Buffer | null {
  try {
    return from.decrypt(sealed, context)
  } catch (error) {
    if (!(error instanceof DecryptionError) || error.code !== 'UNKNOWN_KEY') throw error
    to.decrypt(sealed, context)
    return null
  }
}
