import path from 'node:path'
import { getMachines } from '../../src/projections/capacity/capacity-rows.js'
import { requestRun } from '../helpers/runs.js'
import type { Wiring } from '../helpers/wiring.js'
import { attemptOf } from '../machines/attempts.js'
import { dag, Scene } from './scene.js'

let scene: Scene
let server: Wiring
const limits = { minFreeBytes: 0, maxBytes: null }

beforeEach(async () => {
  limits.minFreeBytes = 0
  scene = await Scene.open()
  server = await scene.server({ spoolLimits: limits })
})
afterEach(() => scene.close())

async function local() {
  return (await getMachines(server.reads.pool, { names: ['local'] }))[0]
}

it('a host whose spool is full is offered nothing and says so; what runs there goes on', async () => {
  server.dispatch()
  const go = path.join(scene.dir, 'go')
  const running = await requestRun(server.bus, dag({ t: { run: `until [ -e ${go} ]; do sleep 0.1; done; echo done` } }))
  await scene.status(running, 't', 'RUNNING')
  limits.minFreeBytes = Number.MAX_SAFE_INTEGER
  await server.fleet.runOnce()
  expect(server.fleet.offered).toEqual([])
  expect(await local()).toMatchObject({ lastError: expect.stringContaining('takes nothing new') })
  const waiting = await requestRun(server.bus, dag({ t: { run: 'true' } }))
  await server.rescuer.runOnce()
  expect((await scene.instances(waiting)).t?.status).toBe('QUEUED')
  await server.machine.start(attemptOf({ argv: ['touch', go] }))
  expect(await scene.ended(running)).toBe('SUCCEEDED')
  expect((await scene.instances(waiting)).t?.status).toBe('QUEUED')
  limits.minFreeBytes = 0
  await server.fleet.runOnce()
  expect(await local()).toMatchObject({ lastError: null })
  expect(await scene.ended(waiting)).toBe('SUCCEEDED')
})

it('what was claimed just before it was full is not started, and is tried again', async () => {
  let asked = 0
  const full = 'Its spool takes nothing new'
  server.fleet.fullBecause = () => (asked++ === 0 ? full : null)
  server.dispatch()
  const run = await requestRun(server.bus, dag({ t: { run: 'true' } }))
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  expect((await scene.instances(run)).t).toMatchObject({ attempt: 2 })
  const attempts = 'SELECT error_message FROM attempt WHERE number = 1 AND instance_id = $1'
  const { t } = await scene.instances(run)
  expect(await scene.db.owner.query(attempts, [t?.id])).toEqual([{ error_message: full }])
})
