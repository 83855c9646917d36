import { until } from '../helpers/until.js'
import { RECORDER_PARAMETER, Recorder, recorded } from './recorder.js'
import { createProject, listEvents, publish, runEnd, trigger } from './runs.js'
import { ADMIN_PASSWORD, Sandbox } from './sandbox.js'
import { Session } from './session.js'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await Sandbox.make()
})

afterEach(async () => {
  await sandbox.close()
})

/** Many small tasks after each other and beside each other. */
function many(count: number): object {
  const keys = Array.from({ length: count }, (_, at) => `t${at}`)
  const tasks = keys.map((key, at) => [key, { needs: at < 10 ? [] : [keys[at - 10]], run: recorded('sleep 0.02') }])
  return { name: 'many', parameters: RECORDER_PARAMETER, tasks: Object.fromEntries(tasks) }
}

async function nodesThatDispatched(session: Session, runId: string): Promise<Set<unknown>> {
  const events = await listEvents(session, { runId, types: ['InstanceDispatched'] })
  return new Set(events.map(({ data }) => data.node))
}

const NODES = '{ server { nodes { id } } }'

describe('two servers on one data folder', () => {
  it('come first at once: one administrator, one PostgreSQL, and they share the work of a run', async () => {
    const env = { DAGBOOK_EXAMPLES: 'off', PORT: '0' }
    const servers = await Promise.all([sandbox.start(env), sandbox.start(env)])
    const [one, other] = await Promise.all(servers.map((server) => Session.open(server, 'admin', ADMIN_PASSWORD)))
    expect((await one!.ask('{ users { nodes { username } } }')).users.nodes).toEqual([{ username: 'admin' }])
    await until('both nodes', async () => (await other!.ask(NODES)).server.nodes.length === 2)
    const project = await createProject(one!, 'shared')
    const dag = await publish(one!, project, many(40))
    const recorder = new Recorder(sandbox)
    const run = await trigger(other!, dag, { recorder: recorder.file })
    expect((await runEnd(one!, run)).status).toBe('SUCCEEDED')
    expect(new Set(await recorder.lines()).size).toBe(80)
    expect(await recorder.lines()).toHaveLength(80)
    const nodes = await nodesThatDispatched(one!, run)
    // Whoever frees a slot fills it again, so a run that fills the machine may stay with one: small ones are raced for.
    const small = await publish(one!, project, { name: 'small', tasks: { t: { run: 'true' } } })
    await until('work of the other server', async () => {
      const ids = [await trigger(one!, small), await trigger(other!, small)]
      for (const id of ids) {
        expect((await runEnd(one!, id)).status).toBe('SUCCEEDED')
        for (const node of await nodesThatDispatched(one!, id)) nodes.add(node)
      }
      return nodes.size === 2
    })
    // The first to leave takes nothing away from the other.
    expect((await servers[0]!.stop()).code).toBe(0)
    expect((await other!.ask('{ viewer { username } }')).viewer.username).toBe('admin')
    expect((await servers[1]!.stop()).code).toBe(0)
    expect(await sandbox.postmaster()).toBeNull()
  })

  it('one is killed in the middle of a run: the other ends it, every task once', async () => {
    const env = { DAGBOOK_EXAMPLES: 'off', PORT: '0' }
    const killed = await sandbox.start(env)
    const session = await Session.open(await sandbox.start(env))
    const dag = await publish(session, await createProject(session, 'shared'), many(60))
    const recorder = new Recorder(sandbox)
    const run = await trigger(session, dag, { recorder: recorder.file })
    await until('a third of the work', async () => (await recorder.lines()).length > 40)
    await killed.kill9()
    expect((await runEnd(session, run)).status).toBe('SUCCEEDED')
    expect(await recorder.lines()).toHaveLength(120)
    expect(new Set(await recorder.lines()).size).toBe(120)
  })
})
