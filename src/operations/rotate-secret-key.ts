import type { PoolClient } from 'pg'
import type { MachineId } from '../domain/ids.js'
import { privateKeyContext } from '../domain/machine/key-context.js'
import type { Database } from '../platform/database.js'
import { DecryptionError, type Encryption } from '../platform/encryption.js'

/** What a rotation did. */
export interface Rotation {
  /** Values that were encrypted with the old key and are now with the new one. */
  readonly rotated: number
  /** Values that were encrypted with the new key already. */
  readonly kept: number
}

const LOCK = 'LOCK TABLE machine_key IN SHARE ROW EXCLUSIVE MODE'
const READ = 'SELECT machine_id, sealed FROM machine_key ORDER BY machine_id'
const WRITE = `
  UPDATE machine_key k SET sealed = n.sealed, updated_at = now()
  FROM unnest($1::text[], $2::bytea[]) AS n(machine_id, sealed) WHERE k.machine_id = n.machine_id`

/**
 * Encrypts everything that the secret key protects anew, in one transaction: afterwards all of it is readable with the new
 * key, or nothing has changed. Again: does nothing. Throws DecryptionError where a value is readable with neither.
 */
export function rotateSecretKey(database: Database, from: Encryption, to: Encryption): Promise<Rotation> {
  return database.transaction(async (tx: PoolClient) => {
    await tx.query(LOCK)
    const { rows } = await tx.query<{ machine_id: MachineId; sealed: Buffer }>(READ)
    const changed = rows.flatMap(({ machine_id: id, sealed }) => {
      const plain = decryptOld(sealed, privateKeyContext(id), from, to)
      return plain === null ? [] : [{ id, sealed: to.encrypt(plain, privateKeyContext(id)) }]
    })
    await tx.query(WRITE, [changed.map(({ id }) => id), changed.map(({ sealed }) => sealed)])
    return { rotated: changed.length, kept: rows.length - changed.length }
  })
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
