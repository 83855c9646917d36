import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { requestRun } from '../helpers/runs.js'
import { until } from '../helpers/until.js'
import type { Wiring } from '../helpers/wiring.js'
import { firstLine, lives } from '../machines/attempts.js'
import { dag, Scene } from './scene.js'

let scene: Scene
let server: Wiring
let web: Server

beforeAll(async () => {
  scene = await Scene.open()
  server = await scene.server()
  server.dispatch()
  web = createServer(() => undefined)
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  web.closeAllConnections()
  await new Promise((resolve) => web.close(resolve))
  await scene.close()
})

/** Says its pid, and goes on until it is ended. */
const endless = (name: string) => `echo $$ > ${name}; while :; do sleep 0.1; done`
const stubborn = (name: string) => `trap "echo TERM >> ${name}.signals" TERM; ${endless(name)}`
const pidOf = (name: string) => firstLine(path.join(scene.dir, name))

it('a canceled run ends CANCELED once every process of it has died: TERM, the grace, KILL', async () => {
  const source = dag({
    good: { run: endless('good') },
    bad: { run: stubborn('bad'), grace: '300ms' },
    later: { needs: ['good', 'bad'], run: 'true' },
  })
  const run = await requestRun(server.bus, source)
  const pids = await Promise.all([pidOf('good'), pidOf('bad')])
  await scene.ask(server, run, { type: 'CancelRun', reason: 'enough' })
  expect(await scene.status(run, 'bad', 'CANCELING')).toBe('CANCELING')
  expect(await scene.ended(run)).toBe('CANCELED')
  expect(await Promise.all(pids.map(lives))).toEqual([false, false])
  expect(await readFile(path.join(scene.dir, 'bad.signals'), 'utf8')).toBe('TERM\n')
  expect(await scene.instances(run)).toMatchObject({
    good: { status: 'CANCELED', exit_code: 143 },
    bad: { status: 'CANCELED', exit_code: 137 },
    later: { status: 'CANCELED', attempt: 0 },
  })
  expect(await scene.history(run, 'good')).toEqual([
    'InstanceQueued',
    'InstanceDispatched',
    'InstanceStarted',
    'InstanceCancelRequested',
    'InstanceCanceled',
  ])
})

it('a canceled instance leaves the others alone', async () => {
  const run = await requestRun(
    server.bus,
    dag({ a: { run: endless('one') }, b: { run: 'until [ -e free ]; do sleep 0.1; done' } }),
  )
  await pidOf('one')
  await scene.ask(server, run, { type: 'CancelInstance', task: 'a', reason: null })
  await scene.status(run, 'a', 'CANCELED')
  const go = await requestRun(server.bus, dag({ t: { run: ': > free' } }))
  expect([await scene.ended(go), await scene.ended(run)]).toEqual(['SUCCEEDED', 'FAILED'])
  expect(await scene.instances(run)).toMatchObject({ b: { status: 'SUCCEEDED' } })
})

it('what was canceled right after its claim ends CANCELED, started or not', async () => {
  for (let round = 0; round < 5; round += 1) {
    const run = await requestRun(server.bus, dag({ t: { run: `echo x >> ran; exec sleep 60` } }))
    await scene.status(run, 't', 'DISPATCHED', 'RUNNING')
    await scene.ask(server, run, { type: 'CancelRun', reason: null })
    expect(await scene.ended(run)).toBe('CANCELED')
  }
})

it('a forced end is taken when the process is dead, not before', async () => {
  const run = await requestRun(server.bus, dag({ t: { run: stubborn('forced'), grace: '300ms' } }))
  const pid = await pidOf('forced')
  await scene.ask(server, run, { type: 'ForceInstance', task: 't', status: 'SUCCEEDED', reason: 'done by hand' })
  expect(await lives(pid)).toBe(true)
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  expect(await lives(pid)).toBe(false)
  const history = await scene.history(run, 't')
  expect(history.slice(2)).toEqual(['InstanceStarted', 'InstanceForceRequested', 'InstanceSucceeded'])
})

it('a task that takes longer than its timeout ends TIMED_OUT, and its processes with it', async () => {
  const run = await requestRun(
    server.bus,
    dag({ t: { run: `sleep 60 & ${stubborn('slow')}`, timeout: '300ms', grace: '200ms' } }),
  )
  const pid = await pidOf('slow')
  expect(await scene.ended(run)).toBe('FAILED')
  expect(await scene.instances(run)).toMatchObject({
    t: { status: 'TIMED_OUT', exit_code: 137, error_message: expect.stringContaining('timeout of 0.3 s') },
  })
  expect(await lives(pid)).toBe(false)
})

it('a run that takes longer than its timeout ends TIMED_OUT, what ran in it CANCELED', async () => {
  const run = await requestRun(
    server.bus,
    dag({ t: { run: endless('long') }, u: { needs: ['t'], run: 'true' } }, { timeout: '1s' }),
  )
  const pid = await pidOf('long')
  expect(await scene.ended(run)).toBe('TIMED_OUT')
  expect(await lives(pid)).toBe(false)
  expect(await scene.instances(run)).toMatchObject({ t: { status: 'CANCELED' }, u: { status: 'CANCELED' } })
})

it('a request that waits for its answer is stopped', async () => {
  const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}/`
  const run = await requestRun(server.bus, dag({ t: { http: { url } } }))
  await scene.status(run, 't', 'RUNNING')
  await scene.ask(server, run, { type: 'CancelRun', reason: null })
  expect(await scene.ended(run)).toBe('CANCELED')
})

it('an attempt whose end an operator decided while contact was lost is stopped when the machine is back', async () => {
  let isAway = false
  const away = await scene.server({
    machine: (local) =>
      new Proxy(local, {
        get: (target, name: keyof typeof local) => {
          const method = target[name].bind(target) as (...args: unknown[]) => unknown
          return (...args: unknown[]) => {
            if (isAway && name !== 'onExit') throw new Error('The cable was pulled')
            return method(...args)
          }
        },
      }),
  })
  await server.stop()
  away.dispatch()
  const run = await requestRun(away.bus, dag({ t: { run: endless('lonely') } }))
  const pid = await pidOf('lonely')
  isAway = true
  await scene.status(run, 't', 'UNKNOWN')
  await scene.ask(away, run, { type: 'ForceInstance', task: 't', status: 'FAILED', reason: 'the cable' })
  expect(await scene.ended(run)).toBe('FAILED')
  expect(await lives(pid)).toBe(true)
  isAway = false
  await until('the process to be ended', async () => !(await lives(pid)))
  const { t } = await scene.instances(run)
  await until(
    'the attempt to be forgotten',
    async () => (await away.machine.probe({ instanceId: t!.id, fence: t!.fence })).kind === 'ABSENT',
  )
})
