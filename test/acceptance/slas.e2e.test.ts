import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type Server as HttpServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { until } from '../helpers/until.js'
import { CommandLine } from './command-line.js'
import { createProject, listEvents, publish, runEnd, trigger } from './runs.js'
import { Sandbox } from './sandbox.js'
import type { Server } from './server.js'
import { Session } from './session.js'

const ENV = { DAGBOOK_EXAMPLES: 'off', DAGBOOK_WEBHOOK_ALLOW: '127.0.0.1' }

let sandbox: Sandbox
let server: Server
let session: Session
let dagbook: CommandLine
let hooks: HttpServer
const asked: IncomingHttpHeaders[] = []

beforeAll(async () => {
  sandbox = await Sandbox.make()
  server = await sandbox.start(ENV)
  session = await Session.open(server)
  dagbook = new CommandLine(sandbox, server)
  await dagbook.signIn()
  // The first is never answered.
  hooks = createServer((request, response) => {
    asked.push(request.headers)
    request.resume()
    if (asked.length > 1) response.writeHead(204).end()
  }).listen(0, '127.0.0.1')
  await once(hooks, 'listening')
}, 300_000)

afterAll(async () => {
  hooks.closeAllConnections()
  hooks.close()
  await sandbox.close()
}, 120_000)

it('a server that is killed amid the actions of a breach: the next one does what is owed, and nothing twice', async () => {
  const project = await createProject(session, 'watched')
  const dag = await publish(session, project, { name: 'slow', tasks: { wait: { run: 'sleep 600' } } })
  const file = path.join(sandbox.folder, 'sla.json')
  const url = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}/`
  const conditions = { all: [{ fact: 'runDurationSeconds', operator: 'greaterThan', value: 1 }] }
  const sla = {
    name: 'slow',
    dag: 'watched/slow',
    conditions,
    actions: [{ type: 'webhook', url }, { type: 'cancelRun' }],
  }
  await writeFile(file, JSON.stringify(sla))
  await dagbook.json(['sla', 'create', '--file', file])
  const run = await trigger(session, dag, {})
  await until('the webhook', () => asked.length > 0)
  await server.kill9()
  server = await sandbox.start(ENV)
  expect((await runEnd(session, run, 120_000)).status).toBe('CANCELED')
  const breaches = async () => (await dagbook.json(['sla', 'breaches', '--project', 'watched'])).breaches
  const isDone = async () =>
    (await breaches())[0].actionsTaken.every(({ status }: { status: string }) => status === 'DONE')
  await until('the webhook once more', isDone, 120_000)
  await until('the end of the breach', async () => (await breaches())[0].resolvedAt !== null)
  expect(await breaches()).toHaveLength(1)
  expect(asked.map((headers) => headers['webhook-id'])).toEqual([asked[0]?.['webhook-id'], asked[0]?.['webhook-id']])
  expect(await listEvents(session, { types: ['RunCancelRequested', 'SlaBreached'] })).toHaveLength(2)
}, 600_000)

it('while one of two schedulers is killed, breaches are found and acted on as soon as ever', async () => {
  const [limitMs, soonMs, atAllMs] = [1_000, 2_000, 20_000]
  const project = await createProject(session, 'timed')
  const dag = await publish(session, project, { name: 'timed', tasks: { wait: { run: 'sleep 600' } } })
  const file = path.join(sandbox.folder, 'timed.json')
  const conditions = { all: [{ fact: 'runDurationSeconds', operator: 'greaterThan', value: limitMs / 1_000 }] }
  await writeFile(
    file,
    JSON.stringify({ name: 'timed', dag: 'timed/timed', conditions, actions: [{ type: 'cancelRun' }] }),
  )
  await dagbook.json(['sla', 'create', '--file', file])
  const other = await sandbox.start({ ...ENV, DAGBOOK_ROLES: 'api,scheduler', PORT: '0' })
  const query = `{ slaBreaches(first: 1) { nodes { breachedAt actionsTaken run { id startedAt } } } }`
  const [found, acted]: [number[], number[]] = [[], []]
  for (let n = 0; n < 5; n += 1) {
    const id = await trigger(session, dag)
    // Amid what it may be about to find.
    if (n === 2) await other.kill9()
    const breach = await until('what was done', async () => {
      const [newest] = (await session.ask(query, {})).slaBreaches.nodes
      return newest?.run.id === id && newest.actionsTaken[0]?.status === 'DONE' ? newest : null
    })
    const brokenAt = Date.parse(breach.run.startedAt) + limitMs
    found.push(Date.parse(breach.breachedAt) - brokenAt)
    acted.push(Date.parse(breach.actionsTaken[0].endedAt) - brokenAt)
  }
  for (const took of [found, acted]) {
    expect(Math.min(...took)).toBeGreaterThanOrEqual(0)
    expect(took.toSorted((a, b) => a - b)[2]).toBeLessThanOrEqual(soonMs)
    expect(Math.max(...took)).toBeLessThanOrEqual(atAllMs)
  }
  await dagbook.json(['sla', 'delete', 'timed'])
}, 300_000)

it('dagbook sla shows, changes, tests and deletes it', async () => {
  expect((await dagbook.run(['sla', 'list'])).stdout).toMatch(/slow +watched\/slow +0 +yes/)
  const file = path.join(sandbox.folder, 'change.yaml')
  await writeFile(file, 'priority: 5\n')
  expect((await dagbook.json(['sla', 'update', 'slow', '--file', file])).sla.priority).toBe(5)
  expect((await dagbook.json(['sla', 'disable', 'slow'])).sla.isEnabled).toBe(false)
  expect((await dagbook.json(['sla', 'enable', 'slow'])).sla.isEnabled).toBe(true)
  const { backtest } = await dagbook.json(['sla', 'backtest', 'slow', '--from', '2026-01-01'])
  expect(backtest).toMatchObject({ subjectCount: 1, breachCount: 1, isCutOff: false })
  expect((await dagbook.run(['sla', 'show', 'slow'])).stdout).toContain('runDurationSeconds')
  await writeFile(file, 'conditions: { all: [{ fact: runLength, operator: equal, value: 1 }] }\n')
  const refused = await dagbook.run(['sla', 'update', 'slow', '--file', file])
  expect([refused.code === 0, refused.stderr]).toEqual([false, expect.stringContaining('runLength')])
  await dagbook.json(['sla', 'delete', 'slow'])
  expect((await dagbook.run(['sla', 'show', 'slow'])).code).not.toBe(0)
}, 120_000)
