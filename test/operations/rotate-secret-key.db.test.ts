import { createSecretKey, hkdfSync } from 'node:crypto'
import type { MachineId } from '../../src/domain/ids.js'
import { privateKeyContext } from '../../src/domain/machine/key-context.js'
import { attemptSecretContext, secretContext } from '../../src/domain/project/secret-context.js'
import { rotateSecretKey } from '../../src/operations/rotate-secret-key.js'
import { createEncryption } from '../../src/platform/encryption.js'
import { newId } from '../../src/platform/ids.js'
import { endLeases, registerNode } from '../../src/queue/node-lease.js'
import { createTestDatabase, type TestDatabase } from '../helpers/database.js'

const encryptionOf = (secret: string) =>
  createEncryption({
    deriveKey: (purpose) => createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', purpose, 32))),
  })
const [before, after, stranger] = [encryptionOf('before'), encryptionOf('after'), encryptionOf('stranger')] as const
const IDS = ['machine_1', 'machine_2', 'machine_3'] as MachineId[]

let db: TestDatabase
beforeEach(async () => {
  db = await createTestDatabase()
  for (const id of IDS) await store(id, before.encrypt(`key of ${id}`, privateKeyContext(id)))
})
afterEach(() => db.drop())

const store = (id: string, sealed: Buffer) =>
  db.database.query(
    `INSERT INTO machine_key VALUES ($1, $2, now()) ON CONFLICT (machine_id) DO UPDATE SET sealed = EXCLUDED.sealed`,
    [id, sealed],
  )
const stored = () =>
  db.database.query<{ machine_id: MachineId; sealed: Buffer }>('SELECT * FROM machine_key ORDER BY machine_id')

it('every private key is readable with the new secret key alone; again it does nothing', async () => {
  expect(await rotateSecretKey(db.database, before, after)).toEqual({ rotated: 3, kept: 0 })
  for (const { machine_id: id, sealed } of await stored()) {
    expect(after.decrypt(sealed, privateKeyContext(id)).toString()).toBe(`key of ${id}`)
    expect(() => before.decrypt(sealed, privateKeyContext(id))).toThrow('current key')
  }
  expect(await rotateSecretKey(db.database, before, after)).toEqual({ rotated: 0, kept: 3 })
})

it('where one key is readable with neither, nothing is changed', async () => {
  await store('machine_2', stranger.encrypt('x', privateKeyContext('machine_2' as MachineId)))
  const was = await stored()
  await expect(rotateSecretKey(db.database, before, after)).rejects.toMatchObject({ code: 'UNKNOWN_KEY' })
  expect(await stored()).toEqual(was)
})

it('secrets, and what attempts were given, are encrypted anew as well', async () => {
  await db.database.query(
    "INSERT INTO secret VALUES ('project_1', 'pg', $1, now(), now()), ('project_2', 'pg', $2, now(), now())",
    [before.encrypt('one', secretContext('project_1', 'pg')), before.encrypt('two', secretContext('project_2', 'pg'))],
  )
  const given = before.encrypt('{}', attemptSecretContext('instance_1', 2))
  await db.database.query("INSERT INTO attempt_secret VALUES ('instance_1', 2, $1, now())", [given])
  expect(await rotateSecretKey(db.database, before, after)).toEqual({ rotated: 6, kept: 0 })
  const rows = await db.database.query<{ project_id: string; sealed: Buffer }>(
    'SELECT * FROM secret ORDER BY project_id',
  )
  const values = rows.map(({ project_id, sealed }) => after.decrypt(sealed, secretContext(project_id, 'pg')).toString())
  expect(values).toEqual(['one', 'two'])
  const [kept] = await db.database.query<{ sealed: Buffer }>('SELECT sealed FROM attempt_secret')
  expect(after.decrypt(kept?.sealed as Buffer, attemptSecretContext('instance_1', 2)).toString()).toBe('{}')
})

it('refuses while a server runs, and names it; once its lease is over it goes on', async () => {
  const host = { hostIdentity: 'x', hostname: 'build7', pid: 4711, pidStartedAt: '', roles: ['api'], version: '0' }
  const id = newId('node')
  await registerNode(db.database.pool, { id, ...host })
  const was = await stored()
  await expect(rotateSecretKey(db.database, before, after)).rejects.toMatchObject({
    code: 'SERVERS_RUNNING',
    servers: [`${id} (pid 4711 on build7)`],
    message: expect.stringContaining('Stop them'),
  })
  expect(await stored()).toEqual(was)
  await endLeases(db.database.pool, [id])
  expect(await rotateSecretKey(db.database, before, after)).toEqual({ rotated: 3, kept: 0 })
})
