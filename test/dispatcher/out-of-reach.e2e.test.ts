import { writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { compileSources } from '../helpers/compile.js'
import { chunksOf, requestRun } from '../helpers/runs.js'
import { until } from '../helpers/until.js'
import type { Wiring } from '../helpers/wiring.js'
import { linesOf } from '../machines/attempts.js'
import { type OtherDispatcher, startOther } from './other-dispatcher.js'
import { dag, Scene } from './scene.js'

/** The second host takes the name that is left. */
const MACHINE = `local-${os.hostname()}`

let scene: Scene
let compiled: string
/** On a host of their own, which the other one's spool is out of reach of. */
let one: Wiring
let two: Wiring
let others: OtherDispatcher[]

beforeAll(async () => {
  scene = await Scene.open()
  compiled = await compileSources(path.join(scene.dir, 'compiled'))
  ;[one, two] = await Promise.all([scene.server(), scene.server()])
  await age(one.node, two.node)
})

beforeEach(() => {
  others = []
})

afterEach(async () => {
  for (const other of others) await other.kill()
  for (const other of others) await vanish(other.node)
})

afterAll(() => scene.close())

/** A dispatcher of the other host. */
async function start(): Promise<OtherDispatcher> {
  const host = { hostIdentity: 'another host', spoolDir: path.join(scene.dir, 'other'), directory: scene.dir }
  const other = await startOther(compiled, { url: scene.db.url, ...host })
  others.push(other)
  return other
}

/** As if these had begun a minute ago. */
async function age(...nodes: string[]): Promise<void> {
  const sql = "UPDATE node SET started_at = started_at - interval '1 minute' WHERE id = ANY($1)"
  await scene.db.owner.query(sql, [nodes])
}

/** As if a node had not been seen for a minute. */
async function vanish(node: string): Promise<void> {
  await scene.expire(node)
  await scene.db.owner.query("UPDATE node SET last_seen_at = now() - interval '1 minute' WHERE id = $1", [node])
}

/** The servers that are left look around. */
async function look(): Promise<void> {
  for (const { rescuer } of [one, two, one]) await rescuer.runOnce()
}

/** Waits until they say that contact is lost: one that was stopped may hold their turn for some seconds. */
async function lost(run: string): Promise<void> {
  await until('contact to be lost', async () => {
    await look()
    return (await scene.instances(run)).t?.status === 'UNKNOWN'
  })
}

/** A run on the other host that goes on until `name.go` is there. */
async function begin(name: string): Promise<string> {
  const command = `echo x >> ${name}; echo begin; until [ -e ${name}.go ]; do sleep 0.1; done; echo end`
  const run = await requestRun(one.bus, dag({ t: { run: command, machine: MACHINE } }))
  await scene.status(run, 't', 'RUNNING')
  return run
}

const go = (name: string) => writeFile(path.join(scene.dir, `${name}.go`), '')

it('an attempt whose server and machine are gone for good is UNKNOWN, and an operator decides its end', async () => {
  const other = await start()
  const run = await begin('gone')
  await other.kill()
  await scene.expire(other.node)
  await look()
  // Its server may be on its way back.
  expect(await scene.instances(run)).toMatchObject({ t: { status: 'RUNNING' } })
  await vanish(other.node)
  await lost(run)
  await look()
  const losses = (await scene.events(run)).filter(({ type }) => type === 'InstanceContactLost')
  expect(losses.map(({ data }) => data.reason)).toEqual(['Its server is gone, and no other reaches its machine'])
  await scene.ask(one, run, { type: 'CancelRun', reason: 'the host burnt down' })
  await scene.ask(one, run, { type: 'ForceInstance', task: 't', status: 'FAILED', reason: 'the host burnt down' })
  expect(await scene.ended(run)).toBe('CANCELED')
  expect(await scene.db.owner.query('SELECT FROM queue_hold')).toEqual([])
  await go('gone')
})

it('when its machine is back the same attempt goes on', async () => {
  const other = await start()
  const run = await begin('back')
  await other.kill()
  await vanish(other.node)
  await lost(run)
  await start()
  await scene.status(run, 't', 'RUNNING')
  await go('back')
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  expect((await scene.history(run, 't')).slice(2)).toEqual([
    'InstanceStarted',
    'InstanceContactLost',
    'InstanceReattached',
    'InstanceSucceeded',
  ])
  expect(await linesOf(path.join(scene.dir, 'back'))).toEqual(['x'])
  const { t } = await scene.instances(run)
  const chunks = await chunksOf(scene.db.owner, t?.id as string)
  expect(Buffer.concat(chunks.map(({ bytes }) => bytes)).toString()).toBe('begin\nend\n')
})

it('a server that only stood still says itself that there is contact', async () => {
  const other = await start()
  const run = await begin('still')
  other.signal('SIGSTOP')
  await vanish(other.node)
  await lost(run)
  other.signal('SIGCONT')
  await scene.status(run, 't', 'RUNNING')
  await go('still')
  expect(await scene.ended(run)).toBe('SUCCEEDED')
})
