import { chmod, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { requestRun } from '../helpers/runs.js'
import { until } from '../helpers/until.js'
import type { Wiring } from '../helpers/wiring.js'
import { dag, Scene } from './scene.js'

let scene: Scene
let server: Wiring

beforeAll(async () => {
  scene = await Scene.open()
  server = await scene.server()
  server.dispatch()
})

afterAll(() => scene.close())

const judged = async (runId: string) => {
  const sql = 'SELECT task_key, status, verdict, error_message FROM instance WHERE run_id = $1 ORDER BY ordinal'
  const rows = await scene.db.owner.query<{ task_key: string; status: string; verdict: string; error_message: string }>(
    sql,
    [runId],
  )
  return Object.fromEntries(rows.map((row) => [row.task_key, [row.status, row.verdict, row.error_message]]))
}

it('a verdict comes from where the task says, whatever its exit code', async () => {
  await mkdir(path.join(scene.dir, 'suite'))
  const xml = (inner: string) => `<testsuite><testcase name="a">${inner}</testcase></testsuite>`
  await writeFile(path.join(scene.dir, 'fails.sh'), `echo '${xml('<failure/>')}' > results.xml\n`)
  await chmod(path.join(scene.dir, 'fails.sh'), 0o755)
  const run = await requestRun(
    server.bus,
    dag({
      junit: { script: '../fails.sh', directory: 'suite', verdict: { junit: 'results.xml' } },
      passes: { run: `echo '${xml('')}' > "$PWD/p.xml"; exit 4`, verdict: { junit: path.join(scene.dir, 'p.xml') } },
      tap: { run: 'echo 1..2; echo ok 1; echo ok 2', verdict: { tap: true } },
      rules: {
        run: 'echo "3 of 5 FAILED" >&2',
        verdict: { rules: [{ pattern: '[1-9]\\d* of \\d+ FAILED', verdict: 'FAIL' }] },
      },
      otherwise: { run: 'echo fine', verdict: { rules: [{ pattern: 'FAILED', verdict: 'FAIL' }], default: 'PASS' } },
      missing: { run: 'true', verdict: { junit: 'nowhere.xml' } },
      broken: { run: 'echo password=hunter2 > broken.xml', verdict: { junit: 'broken.xml' } },
      late: { run: 'echo "not ok 1"; echo 1..1; sleep 60', timeout: '500ms', verdict: { tap: true } },
      none: { run: 'true' },
    }),
  )
  await scene.ended(run)
  const unknown = (why: string) => expect.stringMatching(`^The verdict is unknown: ${why}`)
  expect(await judged(run)).toEqual({
    junit: ['SUCCEEDED', 'FAIL', null],
    passes: ['FAILED', 'PASS', 'Exited with code 4'],
    tap: ['SUCCEEDED', 'PASS', null],
    rules: ['SUCCEEDED', 'FAIL', null],
    otherwise: ['SUCCEEDED', 'PASS', null],
    missing: ['SUCCEEDED', 'UNKNOWN', unknown('nowhere.xml is missing, empty or cannot be read')],
    broken: ['SUCCEEDED', 'UNKNOWN', unknown('broken.xml is no XML')],
    late: ['TIMED_OUT', 'FAIL', expect.stringContaining('timeout')],
    none: ['SUCCEEDED', null, null],
  })
})

it('who waits in a queue longer than allowed ends TIMED_OUT, at once and once', async () => {
  const source = dag(
    {
      first: { run: 'while [ ! -e go ]; do sleep 0.1; done', queue: 'narrow' },
      second: { run: 'true', queue: 'narrow', queueTimeout: '300ms' },
      third: { run: 'true', queue: 'narrow', queueTimeout: '1h' },
    },
    {},
  )
  const pool = (await scene.db.owner.query<{ id: string }>("SELECT id FROM pool WHERE name = 'default'"))[0]?.id
  const insert =
    "INSERT INTO queue (id, version, name, status, capacity, priority, pool_id, created_at, updated_at) VALUES ('queue_narrow', 1, 'narrow', 'OPEN', 1, 0, $1, now(), now())"
  await scene.db.owner.query(insert, [pool])
  const run = await requestRun(server.bus, source)
  await scene.status(run, 'second', 'TIMED_OUT')
  await writeFile(path.join(scene.dir, 'go'), '')
  expect(await scene.ended(run)).toBe('FAILED')
  expect(await judged(run)).toEqual({
    first: ['SUCCEEDED', null, null],
    second: ['TIMED_OUT', null, 'Waited longer than its queueTimeout of 0.3 s in queue narrow'],
    third: ['SUCCEEDED', null, null],
  })
  expect(await scene.history(run, 'second')).toEqual(['InstanceQueued', 'InstanceTimedOut'])
  await until('nothing to wait', async () => (await scene.db.owner.query('SELECT FROM queue_entry')).length === 0)
})
