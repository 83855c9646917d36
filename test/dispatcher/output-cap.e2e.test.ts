import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { chunksOf, requestRun } from '../helpers/runs.js'
import { until } from '../helpers/until.js'
import type { Wiring } from '../helpers/wiring.js'
import { dag, Scene } from './scene.js'

const MAX = 10_000

let scene: Scene
let server: Wiring

beforeAll(async () => {
  scene = await Scene.open()
  server = await scene.server({ maxOutputBytes: MAX })
  server.dispatch()
})

afterAll(() => scene.close())

const outputOf = async (runId: string, task: string) => {
  const { id, status } = (await scene.instances(runId))[task] as { id: string; status: string }
  const chunks = await chunksOf(scene.db.owner, id)
  const of = (stream: string) =>
    Buffer.concat(chunks.filter((chunk) => chunk.stream === stream).map(({ bytes }) => bytes))
  return {
    status,
    stdout: of('STDOUT'),
    stderr: of('STDERR'),
    system: String(of('SYSTEM')),
    last: chunks.at(-1)?.stream,
  }
}

it('of a flood the beginning is kept and it is said so once; the command prints on and ends by itself', async () => {
  const run = await requestRun(
    server.bus,
    dag({
      flood: { run: 'yes 123456789 | head -c 30000000; echo done > "$PWD/done"; exit 7' },
      both: { run: 'yes 123456789 | head -c 6000; yes 123456789 | head -c 6000 >&2' },
      exact: { run: `yes 123456789 | head -c ${MAX}` },
      little: { run: 'echo fine' },
    }),
  )
  await scene.ended(run)
  const cut = '\n[The output is cut here: at most 10000 bytes of an attempt are kept]\n'
  const flood = await outputOf(run, 'flood')
  expect(flood).toMatchObject({ status: 'FAILED', system: cut, last: 'SYSTEM' })
  expect(String(flood.stdout)).toBe('123456789\n'.repeat(MAX / 10))
  const both = await outputOf(run, 'both')
  expect([both.stdout.length + both.stderr.length, both.system]).toEqual([MAX, cut])
  const exact = await outputOf(run, 'exact')
  expect([exact.stdout.length, exact.system]).toEqual([MAX, ''])
  expect(await outputOf(run, 'little')).toMatchObject({ status: 'SUCCEEDED', system: '', last: 'STDOUT' })
})

it('whoever takes over an attempt whose output is full adds nothing to it', async () => {
  const run = await requestRun(
    server.bus,
    dag({ t: { run: 'yes 123456789 | head -c 20000; while [ ! -e go ]; do sleep 0.1; done; echo more' } }),
  )
  await scene.status(run, 't', 'RUNNING')
  const { id } = (await scene.instances(run)).t as { id: string }
  const isFull = async () => (await chunksOf(scene.db.owner, id)).at(-1)?.stream === 'SYSTEM'
  await until('the output to be full', isFull)
  await server.stop(0)
  await scene.expire(server.node)
  server = await scene.server({ maxOutputBytes: MAX })
  server.dispatch()
  await writeFile(path.join(scene.dir, 'go'), '')
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  const { stdout, system } = await outputOf(run, 't')
  expect([stdout.length, system.match(/cut here/g)?.length]).toEqual([MAX, 1])
})
