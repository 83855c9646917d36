import stringWidth from 'string-width'
import type { Run } from '../../src/runs/run.js'
import type { InstanceProgress } from '../../src/runs/run-watcher.js'
import { Board } from '../../src/watch/board.js'
import { ClockSkew } from '../../src/watch/clock-skew.js'
import { type FrameOptions, frameLines } from '../../src/watch/frame.js'
import { planOf } from '../../src/watch/levels.js'

const AT = '2026-11-22T10:00:00.000Z'
const NOW = Date.parse(AT) + 5_000
const SCREEN: FrameOptions = { width: 79, height: 23, now: NOW, colour: (_colour, text) => text }

const run = {
  id: 'run_1',
  name: 'hello',
  status: 'RUNNING',
  startedAt: AT,
  durationSeconds: null,
  project: { id: 'project_1', name: 'examples' },
  dag: { id: 'dag_1', name: 'hello' },
  dagVersion: { number: 3 },
} as unknown as Run

function instance(taskKey: string, executionOrder: number, rest: Partial<InstanceProgress> = {}): InstanceProgress {
  const none = { exitCode: null, errorMessage: null, startedAt: null, endedAt: null, durationSeconds: null }
  return { taskKey, executionOrder, status: 'PENDING', engine: 'shell', attempts: [], ...none, ...rest }
}

function boardOf(instances: readonly InstanceProgress[], needs: Record<string, string[]>): Board {
  const board = new Board()
  board.setRun(run)
  for (const each of instances) board.setInstance(each)
  board.know({ needs: new Map(Object.entries(needs)) })
  return board
}

const small = () =>
  boardOf(
    [
      instance('a', 1, { status: 'SUCCEEDED', durationSeconds: 1.25 }),
      instance('b', 2, { status: 'RUNNING', startedAt: AT, attempts: [{ number: 1 }, { number: 2 }] }),
      instance('c', 3, { status: 'FAILED', durationSeconds: 0.5, exitCode: 7, errorMessage: 'bad\u001b[2J' }),
      instance('d', 4),
    ],
    { b: ['a'], c: ['a'], d: ['b', 'c'] },
  )

test('a small run is a tree by levels: signs, durations, attempts, and what each waits for', () => {
  const board = small()
  board.know({ usual: { runs: 2, seconds: new Map(Object.entries({ b: 7, d: 4 })) } })
  expect(frameLines(board, { ...SCREEN, width: 200 })).toEqual([
    'examples/hello version 3  run_1  RUNNING  5.0s',
    '███████████████░░░░░░░░░░░░░░░ 2 of 4: 1 succeeded, 1 failed, 1 running, 1 pending',
    'Forecast: about 6.0s left, as in the last 2 runs',
    'level 1  1 task  ✔ 1',
    '└─ ✔ a  1.3s',
    'level 2  2 tasks  ✖ 1  ▶ 1',
    '├─ ▶ b  5.0s  attempt 2  after a',
    '└─ ✖ c  failed  500ms  exit code 7  after a  bad\\x1b[2J',
    'level 3  1 task  · 1',
    '└─ · d  after b, c',
  ])
})

test('what waits for capacity says for what, until it has started', () => {
  const board = boardOf(
    [instance('a', 1, { status: 'QUEUED' }), instance('b', 1, { status: 'RUNNING', startedAt: AT })],
    {},
  )
  const full = { code: 'QUEUE_FULL', message: 'Queue gpu is full: 2 of 2 are taken', needed: 1, available: 0 }
  board.setWaits(new Map(['a', 'b'].map((key) => [key, [full]])))
  expect(frameLines(board, SCREEN).slice(-2)).toEqual([
    '├─ … a  queued  Queue gpu is full: 2 of 2 are taken',
    '└─ ▶ b  5.0s',
  ])
})

test('where no earlier run succeeded, it says so; what nothing is known of makes it a lower limit', () => {
  const board = small()
  expect(frameLines(board, SCREEN)[2]).toBe('Forecast: looking for earlier runs')
  board.know({ usual: { runs: 0, seconds: new Map() } })
  expect(frameLines(board, SCREEN)[2]).toBe('No forecast: no earlier run of this DAG succeeded.')
  board.know({ usual: { runs: 1, seconds: new Map([['b', 8]]) } })
  expect(frameLines(board, { ...SCREEN, width: 200 })[2]).toBe(
    'Forecast: at least 3.0s left, as in the last run; of 1 tasks nothing is known',
  )
  board.setStatus('PAUSED')
  expect(frameLines(board, SCREEN)[2]).toContain('Paused')
})

/** 100 levels of 50 tasks; the first 40 levels have succeeded, the 41st runs, the rest waits. */
const large = () => {
  const needs: Record<string, string[]> = {}
  const instances = Array.from({ length: 5_000 }, (_, at) => {
    const level = Math.floor(at / 50)
    if (level > 0) needs[`t${at}`] = [`t${at - 50}`]
    const status = level < 40 ? 'SUCCEEDED' : level === 40 ? (at % 50 === 49 ? 'FAILED' : 'RUNNING') : 'PENDING'
    return instance(`t${at}`, at + 1, { status, startedAt: status === 'PENDING' ? null : AT })
  })
  return boardOf(instances, needs)
}

test('thousands of tasks are levels with counts, and what has failed before what is running', () => {
  const lines = frameLines(large(), SCREEN)
  expect(lines.slice(3, 6)).toEqual([
    'levels 1 to 40  2000 tasks  ✔ 2000',
    'level 41  50 tasks  ✖ 1  ▶ 49',
    expect.stringMatching(/^├─ ✖ t2049 {2}failed/),
  ])
  expect(lines.slice(-2)).toEqual([
    expect.stringMatching(/^└─ \d+ more failed or running$/),
    'levels 42 to 100  2950 tasks  · 2950',
  ])
})

test.each([
  [1, 20],
  [4, 30],
  [10, 79],
  [23, 79],
  [200, 300],
])('a frame is never higher than %i lines or wider than %i cells', (height, width) => {
  for (const board of [small(), large()]) {
    const lines = frameLines(board, { ...SCREEN, width, height })
    expect(lines.length).toBeLessThanOrEqual(height)
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width)
  }
})

test('a task is one level below the deepest that it waits for; copies count as their task', () => {
  const tasks = ['a', 'load[0]', 'load[1]', 'end'].map((key, at) => ({ key, order: at + 1 }))
  const needs = new Map([
    ['load', ['a', 'gone']],
    ['end', ['load', 'a']],
  ])
  const plan = planOf([...tasks].reverse(), needs)
  expect(plan.levels).toEqual([['a'], ['load[0]', 'load[1]'], ['end']])
  expect(plan.needs.get('end')).toEqual(['load[0]', 'load[1]', 'a'])
})

test('an end is final, whatever comes late', () => {
  const board = small()
  board.setInstance(instance('a', 1, { status: 'RUNNING' }))
  board.setStatus('SUCCEEDED')
  board.setStatus('RUNNING')
  expect([board.task('a').status, board.state.status]).toEqual(['SUCCEEDED', 'SUCCEEDED'])
})

test("the server's time is what the quickest message says", () => {
  const skew = new ClockSkew()
  expect(skew.serverTime(NOW)).toBe(NOW)
  skew.observe(AT, NOW + 9_000)
  skew.observe(AT, NOW)
  expect(skew.serverTime(NOW)).toBe(Date.parse(AT))
})
