import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { until } from '../helpers/until.js'
import { CommandLine } from './command-line.js'
import { listInstances } from './runs.js'
import { Sandbox } from './sandbox.js'
import { Session } from './session.js'

const SOURCE = `name: steered
description: to be steered
tasks:
  fails:
    run: exit 3
    retry: { maxAttempts: 2, delay: 1h }
  goes-on:
    run: sleep 600
  long:
    run: sleep 600
  later:
    needs: [goes-on]
    run: 'true'
`

let sandbox: Sandbox
let session: Session
let dagbook: CommandLine

beforeAll(async () => {
  sandbox = await Sandbox.make()
  const server = await sandbox.start({ DAGBOOK_EXAMPLES: 'off' })
  session = await Session.open(server)
  dagbook = new CommandLine(sandbox, server)
  await dagbook.signIn()
  await writeFile(path.join(sandbox.folder, 'steered.yaml'), SOURCE)
})

afterAll(() => sandbox.close())

/** What it prints; it must succeed. */
async function prints(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await dagbook.run(args)
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
  return stdout
}

async function statusOf(run: string): Promise<Record<string, string>> {
  return Object.fromEntries((await listInstances(session, run)).map(({ taskKey, status }) => [taskKey, status]))
}

test('projects, DAGs, runs and their instances, from the first command to the last', async () => {
  await prints('project', 'create', 'work', '--description', 'first')
  await prints('dag', 'publish', path.join(sandbox.folder, 'steered.yaml'), '--project', 'work')
  expect(await prints('dag', 'source', 'work/steered')).toBe(SOURCE)
  expect(await prints('dag', 'show', 'work/steered')).toMatch(/tasks +4\n[\s\S]* 1 {2}\S+ \S+ {2}admin /)

  const run = (await prints('run', 'start', 'work/steered')).trim()
  const are = (wanted: object) =>
    until('the instances', async () => {
      const now = await statusOf(run)
      return Object.entries(wanted).every(([key, status]) => now[key] === status)
    })
  await are({ fails: 'RETRY_WAIT', long: 'RUNNING', 'goes-on': 'RUNNING' })
  expect(await prints('instance', 'retry', run, 'fails')).toMatch(/^fails of run_\S+ \w+\n$/)
  await prints('instance', 'cancel', run, 'long', '--reason', 'no need')
  await are({ fails: 'FAILED', long: 'CANCELED', later: 'PENDING' })
  await prints('instance', 'force', run, 'later', 'failed', '--reason', 'it would')
  await prints('instance', 'force', run, 'goes-on', 'SUCCEEDED', '--reason', 'enough')
  await are({ later: 'FAILED', 'goes-on': 'SUCCEEDED' })
  expect(await dagbook.run(['run', 'watch', run])).toMatchObject({ code: 1 })

  const again = await dagbook.run(['instance', 'cancel', run, 'long'])
  expect(again).toMatchObject({ code: 3, stderr: expect.stringContaining(`dagbook run show ${run}`) })
  expect(await dagbook.run(['instance', 'retry', run, 'none'])).toMatchObject({ code: 5 })
  expect(await dagbook.run(['instance', 'force', run, 'long', 'SUCCEEDED'])).toMatchObject({ code: 2 })

  await prints('project', 'update', 'work', '--description', 'second')
  expect(await prints('project', 'show', 'work')).toMatch(/description +second\n[\s\S]*DAGs +1\n[\s\S]*admin +OWNER/)
  await prints('dag', 'delete', 'work/steered')
  expect(await dagbook.run(['dag', 'show', 'work/steered'])).toMatchObject({ code: 5 })
  await prints('project', 'archive', 'work')
  const refused = await dagbook.run([
    ...['dag', 'publish', path.join(sandbox.folder, 'steered.yaml')],
    ...['--project', 'work'],
  ])
  expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('archived') })
})
