import { readTails } from '../../../src/projections/output/read-tails.js'
import { createTestDatabase, type TestDatabase } from '../../helpers/database.js'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.drop())

const INSERT = `INSERT INTO output_chunk (instance_id, attempt, byte_offset, stream, stream_offset, bytes, recorded_at)
  VALUES ($1, $2, $3, $4, $5, $6, now())`

/** An instance with that attempt, and what its attempts printed, in pieces. */
async function printed(
  id: string,
  attempt: number,
  pieces: readonly (readonly [number, string, string])[],
): Promise<void> {
  await db.owner.query(
    `INSERT INTO instance (id, run_id, ordinal, task_id, task_key, project_id, status, attempt, created_at, updated_at)
     VALUES ($1, $1, 0, 'task_1', 't', 'project_1', 'FAILED', $2, now(), now())`,
    [id, attempt],
  )
  const offsets = new Map<string, number>()
  for (const [number, stream, text] of pieces) {
    const at = (name: string) => offsets.get(`${number} ${name}`) ?? 0
    const values = [id, number, at('all'), stream, at(stream), Buffer.from(text)]
    await db.owner.query(INSERT, values)
    for (const name of ['all', stream]) offsets.set(`${number} ${name}`, at(name) + text.length)
  }
}

it('the end of each stream of the last attempt is read, in however many pieces it came, and no more of it', async () => {
  const piece = 'x'.repeat(50_000)
  await printed('instance_a', 2, [
    [1, 'STDERR', 'of the first attempt'],
    [2, 'STDOUT', 'out'],
    [2, 'STDERR', `begin${piece}`],
    [2, 'STDERR', piece],
    [2, 'STDOUT', 'put'],
    [2, 'STDERR', 'end'],
  ])
  await printed('instance_b', 1, [[1, 'STDOUT', 'short']])
  await printed('instance_c', 1, [])
  const tails = await readTails(db.database.pool, ['instance_a', 'instance_b', 'instance_c'])
  expect([...tails.keys()].sort()).toEqual(['instance_a', 'instance_b'])
  const { STDOUT, STDERR } = tails.get('instance_a') as { STDOUT: Buffer; STDERR: Buffer }
  expect(String(STDOUT)).toBe('output')
  expect(STDERR).toHaveLength(65_536)
  expect(String(STDERR)).toBe(`${'x'.repeat(65_533)}end`)
  expect(tails.get('instance_b')).toEqual({ STDOUT: Buffer.from('short'), STDERR: Buffer.alloc(0) })
})
