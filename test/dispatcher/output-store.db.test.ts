import { NotOursError, type OutputPiece, OutputStore } from '../../src/dispatcher/output-store.js'
import type { NodeId } from '../../src/domain/ids.js'
import { Hints } from '../../src/platform/hints.js'
import { newId } from '../../src/platform/ids.js'
import { registerNode } from '../../src/queue/node-lease.js'
import { chunksOf, requestRun } from '../helpers/runs.js'
import type { Wiring } from '../helpers/wiring.js'
import { dag, Scene } from './scene.js'

let scene: Scene
let server: Wiring
let node: NodeId
let store: OutputStore
let claimed: { runId: string; instanceId: string; fence: number; taskKey: string }[]
const hinted: string[] = []

beforeAll(async () => {
  scene = await Scene.open()
  server = await scene.server()
  node = newId('node') as NodeId
  const host = { hostIdentity: 'x', hostname: 'x', pid: 1, pidStartedAt: '', roles: [], version: '0' }
  await registerNode(server.reads.pool, { id: node, ...host })
  const hints = new Hints()
  store = new OutputStore(server.reads, node, hints)
  const http = { http: { url: 'http://localhost/' } }
  await requestRun(server.bus, dag(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`t${n}`, http]))))
  claimed = [...(await server.bus.claim({ node, machines: [], limit: 100 }))]
  for (const { instanceId } of claimed) hints.listen(instanceId, () => void hinted.push(instanceId))
})

afterAll(() => scene.close())

function piece(of: number, byteOffset: number, text: string, change: Partial<OutputPiece> = {}): OutputPiece {
  const { instanceId, fence } = claimed[of]!
  const bytes = Buffer.from(text)
  const at = { streamOffset: byteOffset, byteOffset, sourceLength: bytes.length }
  return { instanceId, fence, attempt: 1, stream: 'STDOUT', bytes, ...at, ...change }
}

const stored = async (of: number) =>
  (await chunksOf(scene.db.owner, claimed[of]!.instanceId)).map(({ byte_offset, bytes }) => [
    byte_offset,
    String(bytes),
  ])

it('stores pieces one after the other, and hints at whose output grew', async () => {
  await store.store(piece(0, 0, 'one'))
  await store.store(piece(0, 3, 'two', { stream: 'STDERR', streamOffset: 0 }))
  await store.store(piece(0, 6, 'three', { streamOffset: 3 }))
  expect(await stored(0)).toEqual([
    [0, 'one'],
    [3, 'two'],
    [6, 'three'],
  ])
  expect(hinted).toEqual(Array(3).fill(claimed[0]!.instanceId))
})

it('takes a repeat of the last piece for stored, as its answer may have been lost', async () => {
  await store.store(piece(1, 0, 'one'))
  await store.store(piece(1, 0, 'one'))
  await store.store(piece(1, 3, 'two'))
  await store.store(piece(1, 3, 'two'))
  expect(await stored(1)).toEqual([
    [0, 'one'],
    [3, 'two'],
  ])
})

it.each([
  ['begins after the end', { byteOffset: 9, streamOffset: 9 }],
  ['begins before the end', { byteOffset: 1, streamOffset: 1 }],
  ['is another than what stands there', { byteOffset: 0, bytes: Buffer.from('longer') }],
  ['is of the other stream', { byteOffset: 0, stream: 'STDERR' as const, streamOffset: 0 }],
  ['has an earlier fence', { byteOffset: 3, streamOffset: 3, fence: 1 }],
])('refuses a piece that %s', async (_, change) => {
  await store.store(piece(2, 0, 'one'))
  await expect(store.store(piece(2, 3, 'two', change))).rejects.toBeInstanceOf(NotOursError)
  expect(await stored(2)).toEqual([[0, 'one']])
})

it('refuses what another node holds, or nobody any more', async () => {
  const other = new OutputStore(server.reads, newId('node'), new Hints())
  await expect(other.store(piece(3, 0, 'x'))).rejects.toBeInstanceOf(NotOursError)
  const { runId, taskKey: task, fence } = claimed[3]!
  await scene.ask(server, runId, { type: 'ReattachInstance', task, fence, node: server.node })
  await expect(store.store(piece(3, 0, 'x'))).rejects.toBeInstanceOf(NotOursError)
  expect(await stored(3)).toEqual([])
})

it('stores what many attempts write at once, and refuses one among them alone', async () => {
  const results = await Promise.allSettled(
    claimed.slice(4).map((_, index) => store.store(piece(index + 4, index === 2 ? 5 : 0, `text ${index}`))),
  )
  expect(results.map(({ status }) => status)).toEqual(
    results.map((_, index) => (index === 2 ? 'rejected' : 'fulfilled')),
  )
  expect(await stored(9)).toEqual([[0, 'text 5']])
})

it('tells the database’s own trouble as it is', async () => {
  const broken = new OutputStore(
    { ...server.reads, query: async () => Promise.reject(new Error('gone')) },
    node,
    new Hints(),
  )
  await expect(broken.store(piece(0, 11, 'x'))).rejects.toThrow('gone')
})
