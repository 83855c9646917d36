import { createHash, randomBytes } from 'node:crypto'
import { chmod, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { jest } from '@jest/globals'
import { readStreamBytes, readStreamLength } from '../../src/projections/output/read-stream-bytes.js'
import { compileSources } from '../helpers/compile.js'
import { IS_LONG, sized } from '../helpers/long.js'
import { growthOf } from '../helpers/memory.js'
import { requestRun } from '../helpers/runs.js'
import { registerSsh } from '../helpers/ssh-machines.js'
import { type Sshd, startSshd } from '../helpers/sshd.js'
import { until } from '../helpers/until.js'
import { plainLogin } from '../helpers/users.js'
import type { Wiring } from '../helpers/wiring.js'
import { type OtherDispatcher, startOther } from './other-dispatcher.js'
import { dag, Scene } from './scene.js'

const PATIENCE_MS = sized(3_600_000, 600_000)
jest.setTimeout(PATIENCE_MS + 60_000)

/** Of a gigabyte, and of what no collector holds on to: its garbage is a few times what it has on its way (4 MiB). */
const GROWTH_MB = 300

const MB = 1_000_000
/** Random, so mostly not UTF-8; of a size that no other size in here divides. */
const block = randomBytes(1_000_003)

let scene: Scene
let login: Awaited<ReturnType<typeof plainLogin>>
let sshd: Sshd
/** Asks for runs; it does not dispatch. */
let server: Wiring
let dispatcher: OtherDispatcher

beforeAll(async () => {
  ;[scene, login] = await Promise.all([Scene.open(), plainLogin()])
  await chmod(scene.dir, 0o777)
  await writeFile(path.join(scene.dir, 'block'), block)
  sshd = await startSshd({ login: login.name })
  server = await scene.server()
  await registerSsh(server.bus, server.reads, 'far', sshd)
  const compiled = await compileSources(path.join(scene.dir, 'compiled'))
  dispatcher = await startOther(compiled, { url: scene.db.url, spoolDir: scene.spoolDir, directory: scene.dir })
})

afterAll(async () => {
  await dispatcher.kill()
  await scene.close()
  await sshd.stop()
  await login.remove()
})

type Stream = 'STDOUT' | 'STDERR'

async function storedOf(instanceId: string, stream: Stream): Promise<string> {
  const key = { instanceId, attempt: 1, stream }
  const { pool } = scene.db.owner
  const hash = createHash('sha256')
  const length = await readStreamLength(pool, key)
  for await (const bytes of readStreamBytes(pool, key, 0, length)) hash.update(bytes)
  return `${length} bytes ${hash.digest('hex')}`
}

/** The same for what is expected, piece by piece. */
function digestOf(pieces: Iterable<Buffer | string>): string {
  const hash = createHash('sha256')
  let length = 0
  for (const piece of pieces) {
    hash.update(piece)
    length += Buffer.byteLength(piece)
  }
  return `${length} bytes ${hash.digest('hex')}`
}

/** Runs it there; what was stored of both streams, and how much the dispatcher grew meanwhile. */
async function flood(run: string): Promise<{ stored: Record<Stream, string>; growthMb: number }> {
  const growth = growthOf(dispatcher.pid)
  const begin = performance.now()
  const id = await requestRun(server.bus, dag({ t: { run, machine: 'far' } }))
  const over = 'SELECT status FROM run WHERE id = $1 AND ended_at IS NOT NULL'
  await until('the end of the flood', async () => (await scene.db.owner.query(over, [id]))[0], PATIENCE_MS)
  const seconds = (performance.now() - begin) / 1_000
  const growthMb = growth()
  const { t } = await scene.instances(id)
  expect(t).toMatchObject({ status: 'SUCCEEDED', attempt: 1 })
  const instanceId = t?.id as string
  const stored = { STDOUT: await storedOf(instanceId, 'STDOUT'), STDERR: await storedOf(instanceId, 'STDERR') }
  if (IS_LONG) {
    const bytes = Object.values(stored).reduce((sum, text) => sum + Number.parseInt(text, 10), 0)
    console.log(`${expect.getState().currentTestName}: ${bytes} bytes in ${seconds.toFixed(0)} s, ${growthMb} MB more`)
  }
  return { stored, growthMb }
}

const blocks = (count: number) =>
  `i=0; while [ $i -lt ${count} ]; do echo "block $i"; cat ${scene.dir}/block; i=$((i + 1)); done`

function* blocksOf(count: number): Generator<Buffer | string> {
  for (let i = 0; i < count; i += 1) {
    yield `block ${i}\n`
    yield block
  }
}

function* linesOf(count: number): Generator<string> {
  for (let i = 1; i <= count; i += 1) yield `${i}\n`
}

function* longLine(megabytes: number): Generator<string> {
  for (let i = 0; i < megabytes; i += 1) yield 'x'.repeat(MB)
}

const NOTHING = digestOf([])

it('a gigabyte that is no UTF-8: every byte, and at full size in flat memory', async () => {
  const count = sized(1_074, 32)
  const { stored, growthMb } = await flood(blocks(count))
  expect(stored).toEqual({ STDOUT: digestOf(blocksOf(count)), STDERR: NOTHING })
  // Less than that, kept whole, would fit below the bound.
  if (IS_LONG) expect(growthMb).toBeLessThan(GROWTH_MB)
})

it('a million short lines: every one', async () => {
  const count = sized(1_000_000, 100_000)
  const { stored } = await flood(`seq 1 ${count}`)
  expect(stored).toEqual({ STDOUT: digestOf(linesOf(count)), STDERR: NOTHING })
})

it('a line of 100 MB that does not end: every byte', async () => {
  const megabytes = sized(100, 8)
  const { stored } = await flood(`head -c ${megabytes * MB} /dev/zero | tr '\\0' x`)
  expect(stored).toEqual({ STDOUT: digestOf(longLine(megabytes)), STDERR: NOTHING })
})

it('stderr only: every byte', async () => {
  const count = sized(100, 8)
  const { stored } = await flood(`{ ${blocks(count)}; } >&2`)
  expect(stored).toEqual({ STDOUT: NOTHING, STDERR: digestOf(blocksOf(count)) })
})
