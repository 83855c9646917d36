import { readdirSync } from 'node:fs'
import { Sandbox } from './sandbox.js'
import type { Server } from './server.js'
import { Session } from './session.js'

const EXAMPLES = readdirSync('examples').filter((name) => name.endsWith('.yaml'))

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await Sandbox.make()
})

afterEach(async () => {
  await sandbox.close()
})

/** Lines of the log and what else was printed for a person. */
function printed(server: Server): { log: string[]; plain: string } {
  const lines = server.output.split('\n')
  const log = lines.filter((line) => line.startsWith('{'))
  for (const line of log) JSON.parse(line)
  return { log, plain: lines.filter((line) => !line.startsWith('{')).join('\n') }
}

const PROJECTS = '{ projects { nodes { name dags { nodes { name } } } } }'

describe('the first start', () => {
  it('prints where it listens and, outside the log, once the generated password; the second keeps all and prints none', async () => {
    const first = await sandbox.start({ DAGBOOK_ADMIN_PASSWORD: '' })
    const { log, plain } = printed(first)
    expect(log.join('\n')).toContain(`"address":"${first.url}/graphql"`)
    const password = /the administrator is admin, with the password (\S+)/i.exec(plain)?.[1] as string
    expect(password.length).toBeGreaterThanOrEqual(12)
    expect(first.output.split(password)).toHaveLength(2)
    expect(log.join('\n')).not.toContain(password)
    const admin = await Session.open(first, 'admin', password)
    const before = await admin.ask(PROJECTS)
    expect(before.projects.nodes).toMatchObject([{ name: 'examples', dags: { nodes: { length: EXAMPLES.length } } }])
    expect(await first.stop()).toEqual({ code: 0, signal: null })

    const second = await sandbox.start({ DAGBOOK_ADMIN_PASSWORD: '' })
    expect(printed(second).plain.trim()).toBe('')
    expect(second.output).not.toContain(password)
    expect(await (await Session.open(second, 'admin', password)).ask(PROJECTS)).toEqual(before)
  })

  it('takes DAGBOOK_ADMIN_PASSWORD, prints it nowhere, and leaves the examples out where they are off', async () => {
    const server = await sandbox.start({ DAGBOOK_ADMIN_PASSWORD: 'given-by-the-user', DAGBOOK_EXAMPLES: 'off' })
    expect(server.output).not.toContain('given-by-the-user')
    const admin = await Session.open(server, 'admin', 'given-by-the-user')
    const { projects, queues, pools, machines } = await admin.ask(
      '{ projects { nodes { name } } queues { nodes { name } } pools { nodes { name } } machines { nodes { name } } }',
    )
    expect(projects.nodes).toEqual([])
    expect([queues.nodes, pools.nodes, machines.nodes]).toEqual([
      [{ name: 'default' }],
      [{ name: 'default' }],
      [{ name: 'local' }],
    ])
  })
})

it('SIGTERM ends it with 0, and no process of it is left', async () => {
  const server = await sandbox.start()
  expect(
    sandbox
      .processes()
      .map(({ command }) => command)
      .join('\n'),
  ).toMatch(/postgres/)
  expect(await server.stop()).toEqual({ code: 0, signal: null })
  expect(await sandbox.postmaster()).toBeNull()
  // A closing agent may take a moment; Sandbox.close counts what stays.
  expect(sandbox.processes().filter(({ command }) => /postgres|main\.js/.test(command))).toEqual([])
})

it('SIGTERM while it starts ends it, and the next start works', async () => {
  const server = sandbox.spawn()
  expect((await server.stop()).code).not.toBe(1)
  await Session.open(await sandbox.start())
})
