import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { sized } from '../helpers/long.js'
import { requireProgram } from '../helpers/require-program.js'
import { type Sshd, startSshd } from '../helpers/sshd.js'
import { until } from '../helpers/until.js'
import { plainLogin } from '../helpers/users.js'
import { CommandLine } from './command-line.js'
import { createProject, runEnd } from './runs.js'
import { Sandbox } from './sandbox.js'
import { Session } from './session.js'

/** All at once with DAGBOOK_TEST_LONG=1. */
const COUNT = sized(200, 20)
const PATIENCE_MS = 600_000

let sandbox: Sandbox
let session: Session
let dagbook: CommandLine
let sshd: Sshd
let login: Awaited<ReturnType<typeof plainLogin>>

/** Each prints its verdict; what fails says why as its language does. */
const LANGUAGES: readonly { extension: string; text: (verdict: string) => string; failing: string; trace: RegExp }[] = [
  { extension: 'sh', text: (verdict) => `echo ${verdict}`, failing: 'echo FAIL >&2; exit 3', trace: /^$/ },
  {
    extension: 'py',
    text: (verdict) => `print("${verdict}")`,
    failing: 'print("FAIL", flush=True)\nraise ValueError("no rows")',
    trace: /^Traceback .*\n(.*\n)*ValueError: no rows$/,
  },
  {
    extension: 'mjs',
    text: (verdict) => `console.log("${verdict}")`,
    failing: 'console.log("FAIL")\nfunction load() { throw new TypeError("no rows") }\nload()',
    trace: /^TypeError: no rows\n {4}at load /,
  },
  {
    extension: 'pl',
    text: (verdict) => `print "${verdict}\\n";`,
    failing: 'print "FAIL\\n"; die "no rows";',
    trace: /^$/,
  },
]

const KINDS = ['PASS', 'FAIL', 'BROKEN', 'SILENT'] as const
type Kind = (typeof KINDS)[number]

/** Of ten scripts seven pass, one reports a failure, one fails, one says nothing. */
function kindOf(at: number): Kind {
  const digit = at % 10
  return digit === 3 ? 'FAIL' : digit === 6 ? 'BROKEN' : digit === 9 ? 'SILENT' : 'PASS'
}

beforeAll(async () => {
  requireProgram('/usr/bin/python3', 'python3')
  requireProgram('/usr/bin/perl', 'perl')
  sandbox = await Sandbox.make()
  const server = await sandbox.start({ DAGBOOK_EXAMPLES: 'off' })
  session = await Session.open(server)
  dagbook = new CommandLine(sandbox, server)
  await dagbook.signIn()
  await createProject(session, 'suites')
  login = await plainLogin()
  sshd = await startSshd({ login: login.name })
  const key = path.join(sandbox.folder, 'key')
  await writeFile(key, sshd.options.privateKey, { mode: 0o600 })
  await dagbook.json([
    ...['machine', 'add', 'remote', '--host', '127.0.0.1', '--port', String(sshd.port), '--login', login.name],
    ...['--key', key, '--fingerprint', sshd.hostKey.fingerprint, '--slots', '4'],
  ])
  // So that both are needed.
  await dagbook.json(['machine', 'update', 'local', '--slots', '3'])
  await until(
    'the machine to be ONLINE',
    async () => (await dagbook.run(['machine', 'probe', 'remote'])).code === 0,
    60_000,
  )
}, 300_000)

afterAll(async () => {
  await sandbox.close()
  await sshd.stop()
  await login.remove()
})

async function writeSuite(): Promise<string> {
  const folder = path.join(sandbox.folder, 'suite')
  await mkdir(folder)
  for (let at = 0; at < COUNT; at += 1) {
    const { extension, text, failing } = LANGUAGES[at % LANGUAGES.length] as (typeof LANGUAGES)[number]
    const kind = kindOf(at)
    const file = path.join(folder, `check-${String(at).padStart(3, '0')}.${extension}`)
    await writeFile(file, `${kind === 'BROKEN' ? failing : text(kind === 'SILENT' ? 'nothing' : kind)}\n`)
    await chmod(file, 0o644)
  }
  await chmod(folder, 0o755)
  return folder
}

it(
  `a batch of ${COUNT} scripts in four languages on two machines: right counts, verdicts, traces and report, and a forecast the next time`,
  async () => {
    const folder = await writeSuite()
    const rules = path.join(sandbox.folder, 'rules.json')
    await writeFile(
      rules,
      JSON.stringify({
        rules: [
          { pattern: '^FAIL', verdict: 'FAIL' },
          { pattern: '^PASS', verdict: 'PASS' },
        ],
      }),
    )
    const report = path.join(sandbox.folder, 'report.xml')
    const common = ['batch', 'run', folder, '--project', 'suites', '--max-parallel', '7', '--verdict-rules', rules]
    const { code, stdout, stderr } = await dagbook.run([...common, '--junit', report, '--json'])
    expect([code, stderr]).toEqual([1, ''])
    const { run, scripts } = JSON.parse(stdout)
    const of = (kind: Kind) =>
      Array.from({ length: COUNT }, (_, at) => kindOf(at)).filter((each) => each === kind).length
    expect(run).toMatchObject({ kind: 'BATCH', status: 'FAILED' })
    expect(run.counts).toMatchObject({
      total: COUNT,
      completed: COUNT,
      succeeded: COUNT - of('BROKEN'),
      failed: of('BROKEN'),
    })
    const ends = scripts.map(({ status, verdict }: { status: string; verdict: string }) => `${status} ${verdict}`)
    expect(ends).toEqual(
      Array.from({ length: COUNT }, (_, at) => {
        return { PASS: 'SUCCEEDED PASS', FAIL: 'SUCCEEDED FAIL', BROKEN: 'FAILED FAIL', SILENT: 'SUCCEEDED UNKNOWN' }[
          kindOf(at)
        ]
      }),
    )
    const xml = await readFile(report, 'utf8')
    expect(xml).toContain(`tests="${COUNT}" failures="${of('FAIL') + of('BROKEN')}" errors="0" skipped="0"`)
    await expectOnMachines(run.id)
    await expectForecast(common)
  },
  PATIENCE_MS,
)

/** Both took part, cpu time was counted, and who failed left a trace. */
async function expectOnMachines(id: string): Promise<void> {
  const query = `query ($id: ID!, $filter: InstanceFilter) { run(id: $id) { usage { cpuSeconds } instances(first: 1000, filter: $filter) {
    nodes { executionOrder machine { name } stackTrace } } } }`
  const { run } = await session.ask(query, { id, filter: { statuses: ['FAILED'] } })
  expect(run.usage.cpuSeconds).toBeGreaterThan(0)
  for (const { executionOrder, stackTrace } of run.instances.nodes) {
    expect(stackTrace ?? '').toMatch(LANGUAGES[(executionOrder - 1) % LANGUAGES.length]?.trace as RegExp)
  }
  const all = (await session.ask(query, { id })).run.instances.nodes
  const names = all.map(({ machine }: { machine: { name: string } }) => machine.name)
  expect(new Set(names)).toEqual(new Set(['local', 'remote']))
}

/** The scripts are known by now: the next batch knows how long it will take, until it has ended. */
async function expectForecast(common: readonly string[]): Promise<void> {
  const { run } = await dagbook.json([...common, '--detach'])
  const query =
    'query ($id: ID!) { run(id: $id) { status durationSeconds estimatedRemainingSeconds criticalPath { durationSeconds } } }'
  const look = async () => (await session.ask(query, { id: run.id })).run
  const first = await look()
  expect(first).toMatchObject({ status: 'RUNNING', estimatedRemainingSeconds: expect.any(Number) })
  expect(first.estimatedRemainingSeconds).toBeGreaterThan(0)
  await runEnd(session, run.id, PATIENCE_MS)
  const last = await look()
  expect(last.estimatedRemainingSeconds).toBeNull()
  expect(last.criticalPath.length).toBeGreaterThan(COUNT / 20)
  console.log(
    `${COUNT} scripts: forecast ${first.estimatedRemainingSeconds.toFixed(2)} s, took ${last.durationSeconds.toFixed(2)} s`,
  )
}
