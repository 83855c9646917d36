import { createHash, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type ChunkRow, chunksOf, requestRun } from '../helpers/runs.js'
import { until } from '../helpers/until.js'
import type { Wiring } from '../helpers/wiring.js'
import { dag, Scene } from './scene.js'

let scene: Scene
let server: Wiring

beforeAll(async () => {
  scene = await Scene.open()
  server = await scene.server()
  server.dispatch()
})

afterAll(() => scene.close())

async function chunksOfTask(run: string): Promise<ChunkRow[]> {
  const { t } = await scene.instances(run)
  return chunksOf(scene.db.owner, t!.id)
}

/** The bytes of a stream, after checking that its chunks, and those of both streams, follow each other without a gap. */
function bytesOf(chunks: readonly ChunkRow[], stream: 'STDOUT' | 'STDERR'): Buffer {
  let all = 0
  for (const { byte_offset, bytes } of chunks) {
    expect(byte_offset).toBe(all)
    all += bytes.length
  }
  const own = chunks.filter((chunk) => chunk.stream === stream)
  let end = 0
  for (const { stream_offset, bytes } of own) {
    expect(stream_offset).toBe(end)
    end += bytes.length
  }
  return Buffer.concat(own.map((chunk) => chunk.bytes))
}

it('20 MB of random bytes arrive as they are, stderr beside them', async () => {
  const bytes = randomBytes(20_000_000)
  await writeFile(path.join(scene.dir, 'random'), bytes)
  const run = await requestRun(
    server.bus,
    dag({ t: { run: 'head -c 9000000 random; echo half >&2; tail -c +9000001 random; printf whole >&2' } }),
  )
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  const chunks = await chunksOfTask(run)
  const hash = (buffer: Buffer) => createHash('sha256').update(buffer).digest('hex')
  const stdout = bytesOf(chunks, 'STDOUT')
  expect([stdout.length, hash(stdout)]).toEqual([bytes.length, hash(bytes)])
  expect(bytesOf(chunks, 'STDERR').toString()).toBe('half\nwhole')
})

it('invalid UTF-8 and a last line without its end are kept', async () => {
  const run = await requestRun(
    server.bus,
    dag({ t: { run: "printf 'a\\377\\000\\nb'; printf '\\355\\240\\200' >&2" } }),
  )
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  const chunks = await chunksOfTask(run)
  expect(bytesOf(chunks, 'STDOUT')).toEqual(Buffer.from([0x61, 0xff, 0x00, 0x0a, 0x62]))
  expect(bytesOf(chunks, 'STDERR')).toEqual(Buffer.from([0xed, 0xa0, 0x80]))
})

it('is there while the task runs, a line at a time', async () => {
  const text = 'for n in 1 2 3; do echo line $n; until [ -e go$n ]; do sleep 0.1; done; done'
  const run = await requestRun(server.bus, dag({ t: { run: text } }))
  for (const n of [1, 2, 3]) {
    const expected = ['line 1\n', 'line 2\n', 'line 3\n'].slice(0, n).join('')
    await until(`line ${n}`, async () => {
      const { t } = await scene.instances(run)
      const stdout = bytesOf(await chunksOf(scene.db.owner, t!.id), 'STDOUT').toString()
      expect(expected.startsWith(stdout)).toBe(true)
      return stdout === expected
    })
    await writeFile(path.join(scene.dir, `go${n}`), '')
  }
  expect(await scene.ended(run)).toBe('SUCCEEDED')
})

it('of every attempt is kept apart', async () => {
  const run = await requestRun(
    server.bus,
    dag({ t: { run: 'echo try $DAGBOOK_ATTEMPT; exit "$((DAGBOOK_ATTEMPT < 2))"', retry: { maxAttempts: 2 } } }),
  )
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  const chunks = await chunksOfTask(run)
  expect(chunks.map(({ attempt, byte_offset, bytes }) => [attempt, byte_offset, bytes.toString()])).toEqual([
    [1, 0, 'try 1\n'],
    [2, 0, 'try 2\n'],
  ])
})

it('leaves nothing in the spool but the mark of its fence', async () => {
  const run = await requestRun(server.bus, dag({ t: { run: 'echo out; echo x=1 > "$DAGBOOK_OUTPUT"' } }))
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  const { t } = await scene.instances(run)
  await until('the attempt to be forgotten', async () => {
    const ref = { instanceId: t!.id, fence: t!.fence }
    return (await server.machine.probe(ref)).kind === 'ABSENT'
  })
})
