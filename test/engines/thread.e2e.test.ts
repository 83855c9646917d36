import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { resolveValues } from '../../src/definitions/template-values.js'
import type { ThreadAction } from '../../src/domain/dag/action.js'
import { type Assignment, DetachedError } from '../../src/engines/engine.js'
import { ThreadEngine, type ThreadSettings } from '../../src/engines/thread.js'
import type { AttemptSample } from '../../src/machines/machine.js'
import { until } from '../helpers/until.js'
import { assignmentOf, RecordedControl } from './assignments.js'

let modulesDir: string

beforeAll(async () => {
  modulesDir = await mkdtemp(path.join(tmpdir(), 'dagbook-modules-'))
})

afterAll(() => rm(modulesDir, { recursive: true }))

let made = 0

/** Calls the default function of a module that is just this. */
async function call(
  source: string,
  {
    action = {} as Partial<ThreadAction>,
    assignment = {} as Partial<Assignment>,
    control = new RecordedControl(),
    settings = {} as Partial<ThreadSettings>,
  } = {},
) {
  made += 1
  const module = `m${made}.mjs`
  await writeFile(path.join(modulesDir, module), source)
  const engine = new ThreadEngine({ modulesDir, maxThreads: 2, sampleSeconds: null, ...settings }, resolveValues)
  const whole: ThreadAction = {
    ...{ engine: 'thread', file: module, export: 'default', input: {}, environment: {}, memoryBytes: 64e6 },
    ...action,
  }
  return { control, ...(await engine.execute(assignmentOf({ action: whole, ...assignment }), control)) }
}

const said = ({ streams }: RecordedControl) => [streams.STDOUT.toString(), streams.STDERR.toString()]

it('a function gets its input, what a run knows and its own variables, and what it returns is the output', async () => {
  const source = `export async function tell(input, { parameters, outputs, run, item, signal }) {
      console.log('grüße'); console.error('oh')
      return { input, parameters, outputs, run, item, stopped: signal.aborted, env: process.env, args: process.execArgv }
    }`
  const scope = { parameters: { p: 1 }, outputs: { up: { rows: 2 } }, run: { id: 'run_1' }, item: 'i', index: 0 }
  const input = { rows: { $value: 'outputs["up"].rows' }, text: 'x' }
  const { outcome, output, result, control } = await call(source, {
    action: { export: 'tell', input, environment: { A: [1], TOKEN: { secret: 's' } } },
    assignment: { scope, environment: { DAGBOOK_TASK: 't' }, secrets: { TOKEN: 'hush' } },
  })
  expect(result).toMatchObject({ exitCode: null, errorMessage: null, cpuSeconds: expect.any(Number) })
  expect(outcome).toBe('SUCCEEDED')
  expect(output).toEqual({
    ...{ input: { rows: 2, text: 'x' }, parameters: { p: 1 }, outputs: { up: { rows: 2 } }, run: { id: 'run_1' } },
    ...{ item: 'i', stopped: false, args: [], env: { A: '[1]', DAGBOOK_TASK: 't', TOKEN: 'hush' } },
  })
  expect(said(control)).toEqual(['grüße\n', 'oh\n'])
  expect(control.told[0]).toBe('started')
})

it('a module that talks on the port of its thread says nothing by that', async () => {
  const source = `import { parentPort } from 'node:worker_threads'
    export default () => { parentPort.postMessage({ kind: 'x' }); parentPort.postMessage('y'); return 1 }`
  expect(await call(source)).toMatchObject({ outcome: 'SUCCEEDED', output: 1 })
})

it('a CommonJS module is called as well, and nothing returned is no output', async () => {
  await mkdir(path.join(modulesDir, 'deep'))
  await writeFile(path.join(modulesDir, 'deep/old.cjs'), 'module.exports = { go() {}, not: 1 }')
  const module = 'deep/old.cjs'
  expect(await call('', { action: { file: module, export: 'go' } })).toMatchObject({
    outcome: 'SUCCEEDED',
    output: null,
  })
  expect(await call('', { action: { file: module, export: 'not' } })).toMatchObject({
    outcome: 'FAILED',
    result: { errorMessage: 'TypeError: The module exports no function not' },
  })
})

it.each([
  ['throws', 'export default () => { throw new RangeError("too far") }', null, 'RangeError: too far', /at default/],
  ['throws no error', 'export default () => { throw { code: 7 } }', null, 'It threw { code: 7 }', /code: 7/],
  ['rejects', 'export default async () => { throw new Error("late") }', null, 'Error: late', /at default/],
  [
    'fails beside',
    'export default () => new Promise(() => setTimeout(() => { throw new Error("beside") }))',
    null,
    'Error: beside',
    /Timeout/,
  ],
  [
    'exits',
    'export default () => process.exit(3)',
    3,
    'Its thread ended with code 3 before the function returned',
    /^$/,
  ],
  [
    'waits for nothing',
    'export default () => new Promise(() => {})',
    13,
    'Its thread ended with code 13 before the function returned',
    /^$|unsettled/,
  ],
  [
    'returns a cycle',
    'export default () => { const a = {}; a.a = a; return a }',
    null,
    expect.stringContaining('is no JSON'),
    /circular/,
  ],
  ['is no module', 'export default (', null, expect.stringContaining('SyntaxError'), /SyntaxError/],
  ['returns NUL', 'export default () => "\\0"', null, 'The output contains NUL, which cannot be stored', /^$/],
  [
    'takes all memory',
    'export default () => { const a = []; for (;;) a.push(new Array(1e4).fill(a.length)) }',
    null,
    'Used more memory than the 64 MB that it may',
    /^$/,
  ],
])('a function that %s has failed', async (_, source, exitCode, errorMessage, stderr) => {
  const { outcome, output, result, control } = await call(source)
  expect([outcome, output, result.exitCode, result.errorMessage]).toEqual(['FAILED', null, exitCode, errorMessage])
  expect(said(control)[1]).toMatch(stderr)
})

it.each([
  [
    'without modules',
    { settings: { modulesDir: null } },
    'this server has no modules; an administrator sets DAGBOOK_MODULES_DIR',
  ],
  ['of a module that is missing', { action: { file: 'x.mjs' } }, 'x.mjs is not in DAGBOOK_MODULES_DIR of this server'],
  ['whose input cannot be made', { action: { input: { $value: 'outputs["a"].b' } } }, 'No such key: a'],
])('a call %s is none', async (_, change, reason) => {
  const { outcome, result, control } = await call('export default () => 1', change)
  expect(outcome).toBe('ERRORED')
  expect(result.errorMessage?.replace('The thread cannot be begun: ', '')).toEqual(reason)
  expect(control.told).toEqual([])
})

const LISTENS = `export default (_, { signal }) => new Promise((resolve) => {
  console.log('here')
  const alive = setInterval(() => {}, 1000)
  signal.addEventListener('abort', () => { console.log('I go'); clearInterval(alive); resolve(1) })
})`
const DEAF = `export default () => { process.stdout.write('here\\n', () => { for (;;); }); return new Promise(() => {}) }`

describe('an end that is not its own', () => {
  it.each([
    ['listens', LISTENS, 60_000, 'here\nI go\n'],
    ['is deaf', DEAF, 50, 'here\n'],
  ])('a function that %s is stopped', async (_, source, graceMs, stdout) => {
    const control = new RecordedControl()
    control.onTold = (word) => word === 'output' && control.requestStop()
    const end = await call(source, { control, assignment: { graceMs } })
    expect(end).toMatchObject({ outcome: 'STOPPED', output: null, result: { errorMessage: 'Stopped' } })
    expect(said(control)[0]).toBe(stdout)
  })

  it.each([
    ['listens', LISTENS, 60_000],
    ['is deaf', DEAF, 0],
  ])('one that %s is ended on timeout', async (_, source, graceMs) => {
    const end = await call(source, { assignment: { timeoutMs: 300, graceMs } })
    const errorMessage = 'Took longer than its timeout of 0.3 s'
    expect(end).toMatchObject({ outcome: 'TIMED_OUT', result: { errorMessage } })
  })

  it.each([false, true])(
    'one that was left by its server is told of to nobody; asked to stop before: %s',
    async (isStopped) => {
      const control = new RecordedControl()
      control.onTold = (word) => {
        if (word === 'output' && isStopped) control.requestStop()
        if (word === 'output') setTimeout(() => control.requestDetach())
      }
      await expect(call(DEAF, { control, assignment: { graceMs: 3_600_000 } })).rejects.toThrow(DetachedError)
    },
  )
})

it('more calls than there may be threads wait their turn, and can be stopped while they do', async () => {
  const engine = new ThreadEngine({ modulesDir, maxThreads: 1, sampleSeconds: null }, resolveValues)
  await writeFile(path.join(modulesDir, 'listens.mjs'), LISTENS)
  const action: ThreadAction = {
    ...{ engine: 'thread', file: 'listens.mjs', export: 'default', input: {}, environment: {}, memoryBytes: 64e6 },
  }
  const controls = [new RecordedControl(), new RecordedControl(), new RecordedControl()]
  const begin = (control: RecordedControl) => engine.execute(assignmentOf({ action }), control)
  const ends = [begin(controls[0]!)]
  await until('the first to run', async () => controls[0]!.told.includes('output'))
  ends.push(...controls.slice(1).map(begin))
  // Longer than it takes to look for the module.
  await pause(100)
  expect(controls.slice(1).map(({ told }) => told)).toEqual([[], []])
  controls[1]!.requestStop()
  expect(await ends[1]).toMatchObject({ outcome: 'NOT_STARTED' })
  controls[0]!.requestStop()
  await ends[0]
  await until('the third to run', async () => controls[2]!.told.includes('output'))
  controls[2]!.requestStop()
  expect(await ends[2]).toMatchObject({ outcome: 'STOPPED' })
  expect(controls[1]!.told).toEqual([])
})

it('what a thread uses is sampled, also of one that is too busy to tell', async () => {
  const samples: AttemptSample[] = []
  const control = new RecordedControl()
  control.sampled = (sample: AttemptSample) => {
    samples.push(sample)
    if (sample.cpuPercent > 10 && sample.memoryBytes > 8e6) control.requestStop()
  }
  // Its timer stands behind that by which it tells what it uses.
  const source = `export default () => {
    const kept = new Array(1e6).fill(1.5)
    setTimeout(() => { for (;;) kept.length }, 100)
    return new Promise(() => {})
  }`
  const { result } = await call(source, { control, settings: { sampleSeconds: 0.1 }, assignment: { graceMs: 0 } })
  expect(samples.at(-1)).toMatchObject({ instanceId: 'instance_1', fence: 7, threads: 1, processes: 0 })
  expect(result.cpuSeconds).toBeGreaterThan(0)
  expect(result.usage).toMatchObject({ peakMemoryMb: expect.any(Number), averageCpuPercent: expect.any(Number) })
})

it('output comes whole, however much, and none is brought once no more is kept', async () => {
  const flood = `export default () => { for (let i = 0; i < 20000; i += 1) console.log('x'.repeat(99)) }`
  const { control } = await call(flood)
  expect(control.streams.STDOUT.length).toBe(2_000_000)
  const full = new RecordedControl()
  full.isFull = true
  expect(await call(flood, { control: full })).toMatchObject({ outcome: 'SUCCEEDED' })
  expect(full.told).toEqual(['started'])
})
