import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Machine, MachineError } from '../../src/machines/machine.js'
import { chunksOf, requestRun } from '../helpers/runs.js'
import type { Wiring } from '../helpers/wiring.js'
import { linesOf } from '../machines/attempts.js'
import { dag, Scene } from './scene.js'

let scene: Scene
let server: Wiring
/** What the machine is asked goes by here first; a throw is the answer. */
let before: (method: string) => void | Promise<void>
/** The same with its answers. */
let after: (method: string) => void

beforeAll(async () => {
  scene = await Scene.open()
  server = await scene.server({ machine: guarded })
  server.dispatch()
})

beforeEach(() => {
  before = () => undefined
  after = () => undefined
})

afterAll(() => scene.close())

/** The local machine, with a host that may fail. */
function guarded(local: Machine): Machine {
  return new Proxy(local, {
    get: (target, name: keyof Machine) => {
      const method = target[name].bind(target) as (...args: unknown[]) => unknown
      if (name === 'onExit' || name === 'onSample') return method
      return async (...args: unknown[]) => {
        await before(name)
        const answer = await method(...args)
        after(name)
        return answer
      }
    },
  })
}

/** Fails the next calls of a method. */
function fail(method: keyof Machine, times: number, error: () => Error): void {
  let left = times
  before = (name) => {
    if (name !== method || left === 0) return
    left -= 1
    throw error()
  }
}

it.each([
  ['directory', { run: 'true', directory: 'nowhere' }, /cannot enter its directory: .*nowhere/],
  ['program', { script: 'a.py', interpreter: 'no-such-program' }, /not on its PATH: no-such-program/],
])('a missing %s ends ERRORED at once: another try would find the same', async (_, task, message) => {
  const run = await requestRun(server.bus, dag({ t: { ...task, retry: { maxAttempts: 3 } } }))
  expect(await scene.ended(run)).toBe('FAILED')
  expect(await scene.instances(run)).toMatchObject({
    t: { status: 'ERRORED', attempt: 1, error_message: expect.stringMatching(message) },
  })
  expect(await scene.history(run, 't')).toEqual(['InstanceQueued', 'InstanceDispatched', 'InstanceErrored'])
})

it('a full disk is tried again on the platform’s budget, the task’s own attempts stay whole', async () => {
  fail('start', 2, () => new MachineError('DISK_FULL', 'No space left on the host', true))
  const source = dag({ t: { run: 'echo x >> full; exit "$(($(wc -l < full) < 2))"', retry: { maxAttempts: 2 } } })
  const run = await requestRun(server.bus, source)
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  const failed = (await scene.events(run)).filter(({ type }) => type === 'InstanceAttemptFailed')
  expect(failed.map(({ data }) => [data.budget, data.status])).toEqual([
    ['INFRASTRUCTURE', 'ERRORED'],
    ['INFRASTRUCTURE', 'ERRORED'],
    ['USER', 'FAILED'],
  ])
  const started = (await scene.events(run)).filter(({ type }) => type === 'InstanceStarted')
  expect(started.map(({ data }) => data.attempt)).toEqual([3, 4])
})

it('a machine that does not answer makes an attempt UNKNOWN, and it goes on where it was when the machine is back', async () => {
  const run = await requestRun(
    server.bus,
    dag({ t: { run: 'echo begin; until [ -e back ]; do sleep 0.1; done; echo end; echo x >> ran' } }),
  )
  await scene.status(run, 't', 'RUNNING')
  before = () => {
    throw new MachineError('UNREACHABLE', 'No route to host', true)
  }
  await scene.status(run, 't', 'UNKNOWN')
  before = () => undefined
  await scene.status(run, 't', 'RUNNING')
  const go = await requestRun(server.bus, dag({ t: { run: ': > back' } }))
  expect([await scene.ended(go), await scene.ended(run)]).toEqual(['SUCCEEDED', 'SUCCEEDED'])
  expect((await scene.history(run, 't')).slice(2)).toEqual([
    'InstanceStarted',
    'InstanceContactLost',
    'InstanceReattached',
    'InstanceSucceeded',
  ])
  expect(await linesOf(path.join(scene.dir, 'ran'))).toEqual(['x'])
  const { t } = await scene.instances(run)
  expect(Buffer.concat((await chunksOf(scene.db.owner, t!.id)).map(({ bytes }) => bytes)).toString()).toBe(
    'begin\nend\n',
  )
})

it('a file that cannot be read and an answer that makes no sense are no end either', async () => {
  const run = await requestRun(server.bus, dag({ t: { run: 'echo out; echo x >> sense; sleep 0.3' } }))
  fail('probe', 2, () => new MachineError('PROTOCOL', 'The report is not understood', false))
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  fail('read', 2, () => new MachineError('IO', 'stdout cannot be read: EIO', true))
  const next = await requestRun(server.bus, dag({ t: { run: 'echo out; echo x >> sense' } }))
  expect(await scene.ended(next)).toBe('SUCCEEDED')
  expect(await linesOf(path.join(scene.dir, 'sense'))).toEqual(['x', 'x'])
})

it('a start that was made without an answer is not made again', async () => {
  after = (name) => {
    if (name !== 'start') return
    after = () => undefined
    throw new MachineError('UNREACHABLE', 'The answer was lost', true)
  }
  const run = await requestRun(server.bus, dag({ t: { run: 'echo x >> answerless' } }))
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  expect(await linesOf(path.join(scene.dir, 'answerless'))).toEqual(['x'])
  expect(await scene.history(run, 't')).toContain('InstanceContactLost')
})

it('agents that are killed are replaced, and no attempt is made twice or lost', async () => {
  const counting = `n=0; while [ $n -lt 20 ]; do echo $n; n=$((n + 1)); sleep 0.1; done
    while [ ! -e enough ]; do sleep 0.1; done`
  const chain = Array.from({ length: 6 }, (_, n) => [
    `c${n}`,
    { run: 'sleep 0.2', needs: n === 0 ? [] : [`c${n - 1}`] },
  ])
  const run = await requestRun(server.bus, dag({ t: { run: counting }, ...Object.fromEntries(chain) }))
  await scene.status(run, 't', 'RUNNING')
  let killed = 0
  const isOver = scene.ended(run).then(() => true)
  while (!(await Promise.race([isOver, new Promise((resolve) => setTimeout(resolve, 200, false))]))) {
    for (const pid of await agentsOf(scene.spoolDir)) {
      process.kill(pid, 'SIGKILL')
      killed += 1
    }
    if (killed > 3) await writeFile(path.join(scene.dir, 'enough'), '')
  }
  expect(killed).toBeGreaterThan(3)
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  const { t } = await scene.instances(run)
  const text = Buffer.concat((await chunksOf(scene.db.owner, t!.id)).map(({ bytes }) => bytes)).toString()
  expect(text).toBe(Array.from({ length: 20 }, (_, n) => `${n}\n`).join(''))
  expect(Object.values(await scene.instances(run)).map(({ attempt }) => attempt)).toEqual(Array(7).fill(1))
})

it('the next attempt does not wait until the last one is tidied up', async () => {
  const { promise: tidied, resolve: tidy } = deferred()
  before = (name) => (name === 'forget' ? tidied : undefined)
  const source = dag({ t: { run: 'exit "$((DAGBOOK_ATTEMPT < 3))"', retry: { maxAttempts: 3 } } })
  const run = await requestRun(server.bus, source)
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  tidy()
})

it('a message with bytes that no journal can keep is kept without them', async () => {
  fail('start', 1, () => new MachineError('DENIED', 'No \0 and no \ud83d', false))
  const run = await requestRun(server.bus, dag({ t: { run: 'true' } }))
  expect(await scene.ended(run)).toBe('FAILED')
  expect(await scene.instances(run)).toMatchObject({
    t: { status: 'ERRORED', error_message: 'No \ufffd and no \ufffd' },
  })
})

/** Agents of the spool that are children of this process. */
async function agentsOf(spool: string): Promise<number[]> {
  const found: number[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    if (words.includes('dagbook-agent') && words.includes(spool) && parent === process.pid) found.push(Number(pid))
  }
  return found
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
