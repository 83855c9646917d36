import { chmod } from 'node:fs/promises'
import path from 'node:path'
import type { Json } from '../../src/domain/json.js'
import { requestRun } from '../helpers/runs.js'
import { registerSsh } from '../helpers/ssh-machines.js'
import { type Sshd, startSshd } from '../helpers/sshd.js'
import { plainLogin } from '../helpers/users.js'
import type { Wiring } from '../helpers/wiring.js'
import { type EngineCase, httpCase, processCases, threadCase } from './engine-contract.js'
import { dag, Scene } from './scene.js'

let scene: Scene
let server: Wiring
let sshd: Sshd
let login: Awaited<ReturnType<typeof plainLogin>>
let http: Awaited<ReturnType<typeof httpCase>>
const cases = new Map<string, EngineCase>()

beforeAll(async () => {
  ;[scene, login, http] = await Promise.all([Scene.open(), plainLogin(), httpCase()])
  await chmod(scene.dir, 0o777)
  sshd = await startSshd({ login: login.name })
  server = await scene.server({ modulesDir: path.join(scene.dir, 'modules') })
  await registerSsh(server.bus, server.reads, 'far', sshd)
  server.dispatch()
  const inProcess = [http, await threadCase(path.join(scene.dir, 'modules'))]
  for (const each of inProcess) cases.set(`${each.engine} in the server`, each)
  for (const machine of ['local', 'far']) {
    for (const each of await processCases(machine, scene.dir)) cases.set(`${each.engine} on ${machine}`, each)
  }
})

afterAll(async () => {
  await scene.close()
  await Promise.all([sshd.stop(), http.close()])
  await login.remove()
})

const NAMES = [
  'shell on local',
  'script on local',
  'shell on far',
  'script on far',
  'http in the server',
  'thread in the server',
]

const PARAMETERS = { type: 'object', properties: { word: { type: 'string' } } }

/** The instance `t` of a run with that one task behind another, once all has ended. */
async function endOf(task: object, act: (run: string) => Promise<void> = async () => undefined) {
  const up = { thread: { module: 'contract.mjs', export: 'ok', input: { rows: 21 } } }
  const tasks = { up, t: { needs: ['up'], ...task } }
  const run = await requestRun(server.bus, dag(tasks, { parameters: PARAMETERS }), { word: 'hello' })
  await act(run)
  await scene.ended(run)
  const { t } = await scene.instances(run)
  return { ...t, history: await scene.history(run, 't') } as Record<string, Json> & { history: string[] }
}

describe.each(NAMES)('%s', (name) => {
  const of = () => cases.get(name) as EngineCase

  it('gets values of its run, and gives an output', async () => {
    const { status, output, history } = await endOf(of().ok)
    expect(status).toBe('SUCCEEDED')
    const { body = output } = output as Record<string, Json>
    expect(body).toEqual({ word: 'hello', rows: 21 })
    expect(history.map((type) => type.slice(8))).toEqual(['Queued', 'Dispatched', 'Started', 'Succeeded'])
  })

  it('fails, is tried again, and says why', async () => {
    const { status, attempt, error_message } = await endOf({ ...of().fails, retry: { maxAttempts: 2 } })
    expect([status, attempt]).toEqual(['FAILED', 2])
    expect(error_message).toMatch(/^Exited with code 3$|answered 500|^Error: no$/)
  })

  it('is ended at its timeout', async () => {
    const { status, error_message, history } = await endOf({ ...of().hangs, timeout: '400ms', grace: '200ms' })
    expect([status, error_message]).toEqual(['TIMED_OUT', 'Took longer than its timeout of 0.4 s'])
    expect(history.at(-1)).toBe('InstanceTimedOut')
  })

  it('is stopped by a cancel', async () => {
    const { status, history } = await endOf({ ...of().hangs, grace: '200ms' }, async (run) => {
      await scene.status(run, 't', 'RUNNING')
      await scene.ask(server, run, { type: 'CancelInstance', task: 't', reason: null })
    })
    expect(status).toBe('CANCELED')
    expect(history.slice(-2)).toEqual(['InstanceCancelRequested', 'InstanceCanceled'])
  })

  it('is forced to an end, and stopped', async () => {
    const { status } = await endOf({ ...of().hangs, grace: '200ms' }, async (run) => {
      await scene.status(run, 't', 'RUNNING')
      await scene.ask(server, run, { type: 'ForceInstance', task: 't', status: 'SUCCEEDED', reason: 'enough' })
    })
    expect(status).toBe('SUCCEEDED')
  })
})

// A script is found again just as a shell text is.
describe.each(NAMES.filter((name) => !name.startsWith('script')))('%s, when its server is gone', (name) => {
  const of = () => cases.get(name) as EngineCase

  it.each([
    [true, 'is found again, or repeated'],
    [false, 'is found again, or given up'],
  ])('and it may be repeated: %s, %s', async (idempotent) => {
    const other = await scene.server({ modulesDir: path.join(scene.dir, 'modules') })
    const first = server
    const found = of().afterLoss === 'FOUND_AGAIN'
    const { history, status, error_message } = await endOf(
      { ...of().hangs, grace: '200ms', idempotent },
      async (run) => {
        await scene.status(run, 't', 'RUNNING')
        await first.stop(0)
        server = other
        await scene.expire(first.node)
        other.dispatch()
        if (!found && !idempotent) return
        await scene.happened(run, 't', found ? 'InstanceReattached' : 'InstanceStarted', found ? 1 : 2)
        await scene.ask(server, run, { type: 'CancelInstance', task: 't', reason: null })
      },
    )
    const starts = history.filter((type) => type === 'InstanceStarted').length
    if (found || idempotent) expect([status, starts]).toEqual(['CANCELED', found ? 1 : 2])
    else {
      expect([status, starts]).toEqual(['ERRORED', 1])
      expect(error_message).toContain('is not marked idempotent, so it is not repeated')
    }
  })
})
