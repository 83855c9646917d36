import { mkdir, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expectInOrder, openStage, type Stage, untilThere } from './stage.js'
import { untold } from './words.js'

/** Scripts that are run in batches, with what they found out and what they used, by users whose sessions and acts are kept. */
let s: Stage
let tess: { id: string; token: string; sessionId: string }
let projectId: string

beforeAll(async () => {
  s = await openStage(({ dir }) => ({ modulesDir: path.join(dir, 'modules'), sampleSeconds: 0.25 }))
  await Promise.all(['suite', 'modules'].map((folder) => mkdir(path.join(s.scene.dir, folder))))
  const written = Object.entries(SCRIPTS).map(([name, text]) => writeFile(path.join(s.scene.dir, name), text))
  await Promise.all(written)
})
afterAll(() => s.close(), 60_000)

const BUSY = `while [ -d "$PWD" ] && [ ! -e busy-enough ]; do i=0; while [ $i -lt 5000 ]; do i=$((i+1)); done; done`
const SCRIPTS = {
  'suite/pass.sh': 'sleep 0.2; echo "PASS: 12 of 12"\n',
  'suite/busy.sh': `head -c 3000000 /dev/zero > data; ${BUSY}; echo PASS: all\n`,
  'suite/fail.sh': 'echo "FAIL: 1 of 12"; exit 3\n',
  'suite/broken.mjs': 'function order() {\n  throw new Error("no such order")\n}\norder()\n',
  'suite/slow.sh': 'sleep 600\n',
  'suite/endless.sh': 'sleep 600\n',
  'suite/hold.sh': `${untilThere('go-on')}\n`,
  'modules/check.mjs': 'export default () => console.log("PASS: in a thread")\n',
}

test('a user has a role, permissions and a password of his or her own, and sessions tell from where', async () => {
  const input = {
    ...{ username: 'tess', email: 'tess@example.org', fullName: 'Tess Ter', role: 'USER', permissions: ['audit'] },
    password: 'given by the administrator',
  }
  const { id } = await s.done('createUser', input, 'user')
  const newPassword = 'chosen by the administrator'
  await s.done('changePassword', { userId: id, newPassword }, 'user')
  const signIn = `mutation ($input: SignInInput!) { signIn(input: $input) {
    accessToken session { id user { id } ipAddress userAgent loginAt } userErrors { message } } }`
  const from = { headers: { 'user-agent': 'suite-runner/1.0' } }
  const enter = async (password: string) =>
    (await s.ask(signIn, { ...from, variables: { input: { username: 'tess', password } } })).data.signIn
  expect(await enter(input.password)).toMatchObject({
    session: null,
    userErrors: [{ message: expect.stringContaining('wrong') }],
  })
  const { accessToken: token, session } = await enter(newPassword)
  tess = { id, token, sessionId: session.id }
  expect(session).toMatchObject({ user: { id }, ipAddress: '127.0.0.1', userAgent: 'suite-runner/1.0' })
  const fields = 'id username role permissions email fullName isActive lastLoginAt createdAt updatedAt'
  const { viewer } = await s.get(`{ viewer { ${fields} } }`, {}, token)
  const { password, ...said } = input
  expect(viewer).toMatchObject({ id, ...said, isActive: true })
  expectInOrder(viewer.createdAt, viewer.updatedAt, session.loginAt)
  expectInOrder(viewer.createdAt, viewer.lastLoginAt)
  projectId = (await s.done('createProject', { name: 'suites' }, 'project', 'id', token)).id
})

const RUN = `id name description mode maxParallel status createdBy { id } createdAt startedAt endedAt updatedAt durationSeconds
  counts { total completed succeeded failed errored timedOut canceled }
  usage { averageMemoryMb averageCpuPercent peakMemoryMb }
  instances { nodes { id taskKey status verdict exitCode errorMessage stackTrace executor executionOrder run { id }
    script { path name module } createdAt startedAt endedAt updatedAt durationSeconds log { entries { text } }
    usage { averageMemoryMb averageCpuPercent peakMemoryMb } } }`
const VERDICT_RULES = {
  rules: [
    { pattern: '^PASS', verdict: 'PASS' },
    { pattern: '^FAIL', verdict: 'FAIL' },
  ],
}
const batch = async (input: object) =>
  (await s.done('runBatch', { projectId, verdictRules: VERDICT_RULES, ...input }, 'run', 'id', tess.token)).id as string
const instanceOf = (runId: string, key: string, fields: string, isSo?: (told: Record<string, never>) => boolean) =>
  s.when('run', runId, `instance(taskKey: "${key}") { ${fields} }`, ({ instance }) => isSo?.(instance) ?? true)

test('a parallel batch keeps how each script ended, what it found out, and the sums', async () => {
  const scripts = [
    ...[{ path: 'suite/pass.sh', module: 'smoke' }, { path: 'suite/busy.sh' }, { path: 'suite/fail.sh' }],
    ...[{ path: 'suite/broken.mjs' }, { path: 'suite/slow.sh', timeoutSeconds: 0.5 }, { path: 'suite/endless.sh' }],
  ]
  const input = { name: 'nightly', description: 'All of the suite', mode: 'PARALLEL', maxParallel: 6, scripts }
  const runId = await batch(input)
  const { instance } = await instanceOf(runId, 'busy_sh', 'id status', ({ status }) => status === 'RUNNING')
  const sample = `recordedAt cpuPercent cpuCount memoryMb memoryPercent memoryAvailableMb diskReadMb diskWriteMb
    activeThreads activeProcesses`
  const { metrics } = await s.when('instance', instance.id, `metrics { ${sample} }`, (told) => told.metrics.length > 1)
  expect(metrics.at(-1).cpuPercent).toBeGreaterThan(1)
  expect(metrics.at(-1).memoryAvailableMb).toBeLessThan(os.totalmem() / 1e6)
  expectInOrder(...metrics.map(({ recordedAt }: { recordedAt: string }) => recordedAt))
  await writeFile(path.join(s.scene.dir, 'busy-enough'), '')
  const endless = await instanceOf(runId, 'endless_sh', 'id status', ({ status }) => status === 'RUNNING')
  await s.done('cancelInstance', { instanceId: endless.instance.id }, 'instance', 'id', tess.token)
  const { instances, ...run } = await s.when('run', runId, RUN, ({ endedAt }) => endedAt !== null)
  const { scripts: _, ...said } = input
  expect(run).toMatchObject({
    ...{ ...said, id: runId, status: 'FAILED', createdBy: { id: tess.id } },
    counts: { total: 6, completed: 6, succeeded: 2, failed: 2, errored: 0, timedOut: 1, canceled: 1 },
  })
  expectInOrder(run.createdAt, run.startedAt, run.endedAt, run.updatedAt)
  const of = (key: string) => instances.nodes.find(({ taskKey }: { taskKey: string }) => taskKey === key)
  expect(of('pass_sh')).toMatchObject({
    ...{
      status: 'SUCCEEDED',
      verdict: 'PASS',
      exitCode: 0,
      executor: 'PROCESS',
      executionOrder: 1,
      run: { id: runId },
    },
    ...{
      script: { path: 'suite/pass.sh', name: 'pass.sh', module: 'smoke' },
      log: { entries: [{ text: 'PASS: 12 of 12\n' }] },
    },
  })
  expect(of('fail_sh')).toMatchObject({
    status: 'FAILED',
    verdict: 'FAIL',
    exitCode: 3,
    errorMessage: 'Exited with code 3',
  })
  expect(of('broken_mjs')).toMatchObject({ status: 'FAILED', verdict: 'UNKNOWN', executionOrder: 4 })
  expect(of('broken_mjs').stackTrace).toMatch(/Error: no such order\n\s+at order .*broken\.mjs:2/)
  expect([of('slow_sh').status, of('endless_sh').status]).toEqual(['TIMED_OUT', 'CANCELED'])
  const busy = of('busy_sh')
  expect(busy.durationSeconds).toBeGreaterThan(0)
  expect(busy.usage.peakMemoryMb).toBeGreaterThanOrEqual(busy.usage.averageMemoryMb)
  expect(run.usage.peakMemoryMb).toBeGreaterThanOrEqual(busy.usage.peakMemoryMb)
  expect(run.durationSeconds).toBeGreaterThanOrEqual(busy.durationSeconds)
  expectInOrder(busy.createdAt, busy.startedAt, busy.endedAt, busy.updatedAt)
})

test('scripts in a thread are modules of the server, and one that is missing is an error of its own', async () => {
  const scripts = ['check.mjs', 'missing.mjs'].map((module) => ({ path: module, executor: 'THREAD' }))
  const runId = await batch({ name: 'threads', mode: 'PARALLEL', scripts, verdictRules: null })
  const { instances, counts } = await s.when('run', runId, RUN, ({ endedAt }) => endedAt !== null)
  const ends = instances.nodes.map(({ status, executor }: { status: string; executor: string }) => [status, executor])
  expect(ends).toEqual([
    ['SUCCEEDED', 'THREAD'],
    ['ERRORED', 'THREAD'],
  ])
  expect(counts).toMatchObject({ total: 2, completed: 2, succeeded: 1, errored: 1 })
})

test('of a sequential batch the later scripts are pending, and how long they take is known from before', async () => {
  const scripts = [{ path: 'suite/hold.sh' }, { path: 'suite/pass.sh' }]
  const runId = await batch({ name: 'again', mode: 'SEQUENTIAL', scripts })
  await instanceOf(runId, 'hold_sh', 'status', ({ status }) => status === 'RUNNING')
  const fields = 'mode estimatedRemainingSeconds instances { nodes { status } }'
  const { estimatedRemainingSeconds, ...run } = await s.when('run', runId, fields)
  expect(run).toEqual({ mode: 'SEQUENTIAL', instances: { nodes: [{ status: 'RUNNING' }, { status: 'PENDING' }] } })
  expect(estimatedRemainingSeconds).toBeGreaterThan(0.1)
  await writeFile(path.join(s.scene.dir, 'go-on'), '')
  const ended = await s.when('run', runId, 'status endedAt', ({ endedAt }) => endedAt !== null)
  expect(ended.status).toBe('SUCCEEDED')
})

test('who did what, and what was refused, is in the log; a session that was left is over', async () => {
  const refused = { projectId, name: 'empty', mode: 'PARALLEL', scripts: [] }
  await expect(s.done('runBatch', refused, 'run', 'id', tess.token)).rejects.toThrow('REQUIRED')
  const entry = 'id action entityType entityId user { id } username details outcome errorMessage createdAt'
  const query = `query ($id: ID!) { auditLog(filter: { userId: $id }) { nodes { ${entry} } } }`
  const { nodes } = (await s.get(query, { id: tess.id }, tess.token)).auditLog
  const by = { user: { id: tess.id }, username: 'tess' }
  const [failed, made] = ['runBatch', 'ProjectCreated'].map((wanted) =>
    nodes.find(({ action }: { action: string }) => action === wanted),
  )
  expect(failed).toMatchObject({ ...by, entityType: 'Project', entityId: projectId, outcome: 'FAILED' })
  expect(failed.errorMessage).toContain('at least one script')
  expect(made).toMatchObject({ ...by, entityType: 'Project', entityId: projectId, outcome: 'SUCCESS' })
  expect(made.details.after).toMatchObject({ name: 'suites' })
  await s.done('signOut', {}, 'session', 'id', tess.token)
  const kept = 'sessions { nodes { id user { id } loginAt logoutAt lastActivityAt ipAddress userAgent } }'
  const [session] = (await s.get(`{ user(username: "tess") { ${kept} } }`)).user.sessions.nodes
  expect(session).toMatchObject({ id: tess.sessionId, user: { id: tess.id }, userAgent: 'suite-runner/1.0' })
  expectInOrder(session.loginAt, session.logoutAt)
  expectInOrder(session.loginAt, session.lastActivityAt)
})

test('the server tells which changes of its database have been applied', async () => {
  const fields = 'version description appliedAt scriptName checksum'
  const { schemaVersions } = (await s.get(`{ server { schemaVersions { ${fields} } } }`)).server
  expect(schemaVersions[0]).toMatchObject({
    scriptName: '0001-journal',
    checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
})

test('every word of the design is told', () => {
  expect(untold('script-batch-runner', s.answers)).toEqual([])
})
