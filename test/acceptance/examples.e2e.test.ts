import { rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { startSshd } from '../helpers/sshd.js'
import { plainLogin } from '../helpers/users.js'
import { CommandLine } from './command-line.js'
import { type InstanceFacts, listInstances, runEnd } from './runs.js'
import { Sandbox } from './sandbox.js'
import { Session } from './session.js'

let sandbox: Sandbox
let session: Session
let dagbook: CommandLine

beforeAll(async () => {
  sandbox = await Sandbox.make()
  const server = await sandbox.start()
  session = await Session.open(server)
  dagbook = new CommandLine(sandbox, server)
  await dagbook.signIn()
})

afterAll(async () => {
  await sandbox.close()
})

function ends(instances: readonly InstanceFacts[]): Record<string, string> {
  return Object.fromEntries(instances.map(({ taskKey, status }) => [taskKey, status]))
}

async function instancesByKey(runId: string): Promise<Map<string, InstanceFacts>> {
  return new Map((await listInstances(session, runId)).map((instance) => [instance.taskKey, instance]))
}

it('the first start has run fan-out-fan-in by itself: twelve parts, and the primes below 60,000', async () => {
  const { runs } = await session.ask('{ runs { nodes { id dag { name } } } }')
  expect(runs.nodes).toMatchObject([{ dag: { name: 'fan-out-fan-in' } }])
  const run = await runEnd(session, runs.nodes[0].id)
  expect(run).toMatchObject({ status: 'SUCCEEDED', output: { join: { primes: 6057 } } })
  expect(new Set(Object.values(ends(await listInstances(session, run.id))))).toEqual(new Set(['SUCCEEDED']))
  const { code, stdout } = await dagbook.run(['logs', 'examples/fan-out-fan-in', 'join'])
  expect([code, stdout]).toEqual([0, expect.stringContaining('6057')])
})

it('file-report looks at a folder: outputs are handed on, the report is printed', async () => {
  const start = ['run', 'start', 'examples/file-report', '--param', 'folder=examples', '--param', 'top=2', '--wait']
  const { run } = await dagbook.json(start)
  const instances = await instancesByKey(run.id)
  expect(new Set([...instances.values()].map(({ status }) => status))).toEqual(new Set(['SUCCEEDED']))
  const list = instances.get('list')?.output as { count: number; files: string[] }
  expect(list.files).toContain('examples/file-report.yaml')
  expect(list.count).toBe(list.files.length)
  expect(instances.get('longest')?.output).toMatchObject({ longest: { length: 2 } })
  expect(run.output).toMatchObject({ report: { total: expect.any(Number), extensions: expect.any(Number) } })
  expect(await session.raw(instances.get('report')?.id as string, 1, 'stdout')).toContain('.yaml')
})

it('failures-and-retries succeeds as its comments say: a retry, a fallback, skips and trigger rules', async () => {
  const { code, stdout } = await dagbook.run(['run', 'start', 'examples/failures-and-retries', '--watch'])
  expect([code, stdout]).toEqual([0, expect.stringMatching(/RETRY_WAIT +flaky/)])
  const { run } = await dagbook.json(['run', 'show', 'examples/failures-and-retries'])
  const instances = await instancesByKey(run.id)
  expect(ends([...instances.values()])).toEqual({
    flaky: 'SUCCEEDED',
    broken: 'FAILED',
    mirror: 'SKIPPED',
    fallback: 'SUCCEEDED',
    'clean-up': 'SKIPPED',
    combine: 'SUCCEEDED',
    notify: 'SUCCEEDED',
  })
  expect(instances.get('flaky')).toMatchObject({ output: { attempts: '3' }, attempts: { length: 3 } })
  expect(instances.get('broken')).toMatchObject({ exitCode: 1, attempts: { length: 1 } })
  expect(instances.get('fallback')?.output).toEqual({ source: 'yesterday' })
})

it('for-each has a task for each file that was found, and their counts in their order', async () => {
  const { code, stdout } = await dagbook.run(['run', 'start', 'examples/for-each', '--watch'])
  expect([code, stdout]).toEqual([0, expect.stringMatching(/SUCCEEDED +count\[2\]/)])
  const { run } = await dagbook.json(['run', 'show', 'examples/for-each'])
  const instances = await instancesByKey(run.id)
  expect([...instances.keys()]).toEqual(['find', 'count', 'total', 'count[0]', 'count[1]', 'count[2]'])
  const counts = [
    { file: 'apples', lines: 6 },
    { file: 'pears', lines: 5 },
    { file: 'plums', lines: 5 },
  ]
  expect(instances.get('count')).toMatchObject({ status: 'SUCCEEDED', output: counts, attempts: [] })
  expect(run.output).toEqual({ total: { lines: '16' } })
  expect(await session.raw(instances.get('total')?.id as string, 1, 'stdout')).toContain('"apples"')
})

it('verdicts says PASS and FAIL whatever the exit codes', async () => {
  const { code } = await dagbook.run(['run', 'start', 'examples/verdicts', '--wait'])
  expect(code).toBe(1)
  const { instances } = await dagbook.json(['run', 'show', 'examples/verdicts'])
  expect(
    instances.map(({ taskKey, status, verdict }: Record<string, string>) => `${taskKey} ${status} ${verdict}`),
  ).toEqual(['smoke SUCCEEDED PASS', 'suite SUCCEEDED FAIL', 'old-tool FAILED PASS', 'tell SUCCEEDED UNKNOWN'])
  expect((await dagbook.run(['run', 'show', 'examples/verdicts'])).stdout).toMatch(
    /VERDICT(.|\n)*suite +SUCCEEDED +FAIL/,
  )
})

it('what the README types works: a run is shown, its events are listed', async () => {
  const shown = await dagbook.run(['run', 'show', 'examples/fan-out-fan-in'])
  expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining('SUCCEEDED')])
  const events = await dagbook.run(['events', '--run', 'examples/fan-out-fan-in'])
  expect([events.code, events.stdout]).toEqual([0, expect.stringContaining('RunSucceeded')])
})

it('nightly-check is published disabled; enabled it says when it fires, and a backfill runs the times before', async () => {
  const dag = 'examples/nightly-check'
  const next = async () => (await dagbook.run(['schedule', 'next', dag, '--count', '2'])).stdout.trim().split('\n')
  expect(await next()).toEqual([`${dag} is disabled. Next: dagbook dag enable ${dag}`])
  expect((await dagbook.run(['dag', 'enable', dag])).stdout).toContain('is enabled; next: 20')
  expect(await next()).toEqual([expect.stringMatching(/T0[01]:30:00/), expect.stringMatching(/T0[01]:30:00/)])
  const range = ['backfill', 'start', dag, '--from', '2026-06-01', '--to', '2026-06-03']
  expect((await dagbook.run([...range, '--dry-run'])).stdout).toBe(
    '2026-06-01T00:30:00.000Z\n2026-06-02T00:30:00.000Z\n',
  )
  const { backfill } = await dagbook.json([...range, '--max-active-runs', '2'])
  for (const { id } of backfill.runs.nodes) expect(await runEnd(session, id)).toMatchObject({ status: 'SUCCEEDED' })
  const shown = await dagbook.run(['backfill', 'show', backfill.id])
  expect(shown.stdout).toContain(`${backfill.id} SUCCEEDED of ${dag}`)
  const logs = await dagbook.run(['logs', backfill.runs.nodes[0].id, 'check'])
  expect(logs.stdout).toContain('This run is about 2026-06-01T00:30:00.000Z')
  expect((await dagbook.run(['backfill', 'cancel', backfill.id])).stdout).toContain(backfill.id)
  expect((await dagbook.run(['dag', 'disable', dag])).stdout.trim()).toBe(`${dag} is disabled`)
})

it('over-ssh runs as its comments say, on a machine that was added by the command line', async () => {
  const login = await plainLogin()
  const sshd = await startSshd({ login: login.name })
  const key = path.join(sandbox.folder, 'key')
  await writeFile(key, sshd.options.privateKey, { mode: 0o600 })
  const address = ['--host', '127.0.0.1', '--port', String(sshd.port), '--login', login.name]
  const { machine } = await dagbook.json(['machine', 'add', 'there', ...address, '--key', key, '--label', 'over-ssh'])
  expect(machine.offeredHostKeyFingerprint).toBe(sshd.hostKey.fingerprint)
  const started = await dagbook.json(['run', 'start', 'examples/over-ssh'])
  await dagbook.json(['machine', 'approve-key', 'there', sshd.hostKey.fingerprint])
  expect((await dagbook.run(['run', 'watch', started.run.id])).code).toBe(0)
  const instances = await instancesByKey(started.run.id)
  expect(instances.get('look')?.output).toMatchObject({ user: login.name })
  const slow = await session.raw(instances.get('slow')?.id as string, 1, 'stdout')
  expect(slow.split('\n')).toHaveLength(21)
  const here = await session.raw(instances.get('here')?.id as string, 1, 'stdout')
  expect(here).toContain(`"user":"${login.name}"`)
  await dagbook.json(['machine', 'remove', 'there'])
  await sshd.stop()
  await login.remove()
})

it('count-in-cache counts in the cache of its run, which stays when the run has ended', async () => {
  const { run } = await dagbook.json(['run', 'start', 'examples/count-in-cache', '--wait'])
  expect(run.status).toBe('SUCCEEDED')
  const { cache } = await dagbook.json(['cache', 'list', '--run', run.id])
  expect(cache).toMatchObject([{ key: 'words', type: 'NUMBER', value: 42 }])
  const refused = await dagbook.run(['cache', 'set', 'words', '1', '--run', run.id])
  expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('has ended')])
})

it("a task uses its run's cache by the command line, without a sign-in; its token is in nothing that is stored", async () => {
  const main = fileURLToPath(new URL('../../clients/cli/dist/main.js', import.meta.url))
  const cli = `node ${main} cache`
  const text = `${cli} set n 5 && ${cli} set t "some text" && ${cli} get n && ${cli} list && ${cli} delete t; echo "<$DAGBOOK_TOKEN>"; env`
  const file = path.join(os.tmpdir(), `dagbook-task-${process.pid}.json`)
  await writeFile(file, JSON.stringify({ run: text }))
  const ended = await dagbook.json(['task', 'run', 'examples', '--file', file, '--wait'])
  await rm(file)
  const [instance] = await listInstances(session, ended.run.id)
  const output = await session.raw(instance?.id as string, 1, 'stdout')
  expect(output).toContain('Set n (NUMBER)\nSet t (STRING)\n5\n')
  expect(output).toContain('<***>')
  expect(output).not.toContain('dagtask.')
  const { cache } = await dagbook.json(['cache', 'list', '--run', ended.run.id])
  expect(cache).toMatchObject([{ key: 'n', value: 5 }])
})
