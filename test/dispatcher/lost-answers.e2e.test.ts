import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { GroupResult } from '../../src/commands/group.js'
import type { NodeId } from '../../src/domain/ids.js'
import { newId } from '../../src/platform/ids.js'
import { AmbiguousCommitError } from '../../src/platform/transaction.js'
import { registerNode } from '../../src/queue/node-lease.js'
import { compileSources } from '../helpers/compile.js'
import { chunksOf, requestRun } from '../helpers/runs.js'
import { until } from '../helpers/until.js'
import type { Wiring } from '../helpers/wiring.js'
import { linesOf } from '../machines/attempts.js'
import { startOther } from './other-dispatcher.js'
import { dag, Scene } from './scene.js'

let scene: Scene
let web: Server
let url: string
let asked: string[]
let answer: (request: IncomingMessage, response: ServerResponse) => void

beforeAll(async () => {
  scene = await Scene.open()
  web = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    answer(request, response)
  })
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
})

beforeEach(() => {
  asked = []
  answer = (_, response) => response.end('ok')
})

afterAll(async () => {
  web.closeAllConnections()
  await new Promise((resolve) => web.close(resolve))
  await scene.close()
})

describe('a claim that was committed without its dispatcher hearing of it', () => {
  let server: Wiring
  let toLose: number

  beforeAll(async () => {
    server = await scene.server({
      writes: (writes) => ({
        ...writes,
        async pipelined(work, onSent) {
          const result = await writes.pipelined(work, onSent)
          if (((result as GroupResult).claimed?.length ?? 0) === 0 || toLose === 0) return result
          toLose -= 1
          throw new AmbiguousCommitError({ cause: new Error('The connection was cut') })
        },
      }),
    })
    server.dispatch()
  })

  afterAll(() => server.stop())

  it('is found within about two seconds, whatever it claimed, and begun once', async () => {
    toLose = 1
    const source = dag({ a: { run: 'echo x >> once' }, b: { http: { url: `${url}/b` } }, c: { noop: {} } })
    const run = await requestRun(server.bus, source)
    expect(await scene.ended(run)).toBe('SUCCEEDED')
    expect(toLose).toBe(0)
    expect(await linesOf(path.join(scene.dir, 'once'))).toEqual(['x'])
    expect(asked).toEqual(['GET /b'])
    const events = await scene.events(run)
    const at = (type: string) => events.find((event) => event.type === type && event.data.task === 'a')!.at
    expect(at('InstanceStarted') - at('InstanceDispatched')).toBeLessThan(4_000)
    expect(Object.values(await scene.instances(run)).map(({ attempt }) => attempt)).toEqual([1, 1, 1])
  })

  it('may be lost again and again', async () => {
    toLose = 3
    const source = dag({ a: { run: 'echo x >> thrice' }, b: { needs: ['a'], run: 'echo x >> thrice' } })
    const run = await requestRun(server.bus, source)
    expect(await scene.ended(run)).toBe('SUCCEEDED')
    expect(await linesOf(path.join(scene.dir, 'thrice'))).toEqual(['x', 'x'])
  })
})

describe('what ran inside a server that is gone', () => {
  it('is repeated where that is safe, and otherwise an error that says why', async () => {
    const compiled = await compileSources(path.join(scene.dir, 'compiled'))
    const server = await scene.server()
    const first = await startOther(compiled, { url: scene.db.url, spoolDir: scene.spoolDir, directory: scene.dir })
    answer = () => undefined
    const source = dag({
      get: { http: { url: `${url}/get` } },
      post: { http: { url: `${url}/post`, method: 'POST' } },
      safe: { http: { url: `${url}/safe`, method: 'POST' }, idempotent: true },
    })
    const run = await requestRun(server.bus, source)
    await until('three requests', async () => asked.length === 3)
    await first.kill()
    answer = (_, response) => response.end('ok')
    await scene.expire(first.node)
    server.dispatch()
    expect(await scene.ended(run)).toBe('FAILED')
    expect(asked.slice(3).sort()).toEqual(['GET /get', 'POST /safe'])
    expect(await scene.instances(run)).toMatchObject({
      get: { status: 'SUCCEEDED', attempt: 2 },
      safe: { status: 'SUCCEEDED', attempt: 2 },
      post: {
        status: 'ERRORED',
        attempt: 1,
        error_message: expect.stringMatching(/server is gone.*not marked idempotent/),
      },
    })
    const lost = (await scene.events(run)).filter(({ type }) => type === 'InstanceAttemptFailed')
    expect(lost.map(({ data }) => data.budget)).toEqual(['INFRASTRUCTURE', 'INFRASTRUCTURE'])
    await server.stop()
  })

  it('is repeated also where that would not be safe, when it had not begun', async () => {
    const server = await scene.server()
    const node = newId('node') as NodeId
    const host = { hostIdentity: 'x', hostname: 'x', pid: 1, pidStartedAt: '', roles: [], version: '0' }
    await registerNode(server.reads.pool, { id: node, ...host })
    const run = await requestRun(server.bus, dag({ post: { http: { url: `${url}/post`, method: 'POST' } } }))
    expect(await server.bus.claim({ node, machines: [], limit: 10 })).toHaveLength(1)
    await scene.expire(node)
    server.dispatch()
    expect(await scene.ended(run)).toBe('SUCCEEDED')
    expect(asked).toEqual(['POST /post'])
    expect(await scene.instances(run)).toMatchObject({ post: { attempt: 2 } })
    await server.stop()
  })
})

describe('a database that goes away, again and again', () => {
  it('costs no attempt, no end and no byte', async () => {
    const server = await scene.server()
    server.dispatch()
    const text = 'n=0; while [ $n -lt 40 ]; do echo line $n; n=$((n + 1)); sleep 0.05; done; echo x >> away'
    const slow = { http: { url: `${url}/slow`, method: 'POST' } }
    answer = (_, response) => void setTimeout(() => response.end('ok'), 1_500)
    const run = await requestRun(server.bus, dag({ a: { run: text }, b: { run: text }, slow }))
    const cut =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'test-%' AND datname = $1 AND pid <> pg_backend_pid()"
    const name = new URL(scene.db.ownerUrl).pathname.slice(1)
    const isOver = scene.ended(run).then(() => true)
    while (!(await Promise.race([isOver, new Promise((resolve) => setTimeout(resolve, 300, false))]))) {
      await scene.db.owner.query(`${cut} AND application_name <> 'test-owner'`, [name])
    }
    expect(await scene.ended(run)).toBe('SUCCEEDED')
    expect(await linesOf(path.join(scene.dir, 'away'))).toEqual(['x', 'x'])
    expect(asked).toEqual(['POST /slow'])
    const expected = Array.from({ length: 40 }, (_, n) => `line ${n}\n`).join('')
    const { a, b } = await scene.instances(run)
    for (const { id } of [a!, b!]) {
      expect(Buffer.concat((await chunksOf(scene.db.owner, id)).map(({ bytes }) => bytes)).toString()).toBe(expected)
    }
    await server.stop()
  })
})
