import pg from 'pg'
import { until } from '../helpers/until.js'
import { accepted, begin, command, noops, type PublishedDag, publish, requestRun, type Server, World } from './world.js'

let world: World
let server: Server
let other: pg.Client
let dag: PublishedDag

beforeAll(async () => {
  world = await World.open()
  server = await world.server()
  other = new pg.Client({ connectionString: world.db.ownerUrl })
  await other.connect()
})
beforeEach(async () => {
  dag = await publish(server, noops(1))
})
afterAll(async () => {
  await other.end()
  await world.close()
})

const isWaiting = async () => {
  const held = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  return (await world.db.owner.query(held)).length > 0
}

/** What comes of the command, when another's transaction with that statement is committed after it has begun. */
async function amid(statement: string, id: string, act: () => Promise<unknown>): Promise<unknown> {
  await other.query('BEGIN')
  await other.query(statement, [id])
  const outcome = act().catch((error: unknown) => error)
  await until('the command to wait', isWaiting)
  await other.query('COMMIT')
  return outcome
}

const runsOf = async ({ dagId }: PublishedDag) =>
  (await world.query<{ n: number }>('SELECT count(*)::int AS n FROM run WHERE dag_id = $1::text', [dagId]))[0]?.n

it.each([
  ['a project that is being archived', 'UPDATE project SET archived_at = now() WHERE id = $1', 'project_open'],
  ['a DAG that is being deleted', 'UPDATE dag SET deleted_at = now() WHERE id = $1', 'dag_open'],
] as const)('no run begins in %s; what is asked at the same moment does', async (_, statement, constraint) => {
  const another = await publish(server, noops(1))
  const id = constraint === 'dag_open' ? dag.dagId : dag.projectId
  let beside: Promise<unknown> = Promise.resolve()
  const outcome = await amid(statement, id, () => {
    beside = server.bus.execute(requestRun(another))
    return server.bus.execute(requestRun(dag))
  })
  expect(outcome).toMatchObject({ code: '23514', constraint })
  await beside
  expect([await runsOf(dag), await runsOf(another)]).toEqual([0, 1])
})

it('an archiving waits for the runs that are just beginning', async () => {
  const archive = command({ aggregate: 'project', command: { type: 'ArchiveProject' } }, dag.projectId)
  const held = `SELECT keep_open(ARRAY[$1], '{}')`
  accepted((await amid(held, dag.projectId, () => server.bus.execute(archive))) as never)
  await expect(server.bus.execute(requestRun(dag))).rejects.toMatchObject({ constraint: 'project_open' })
})

it('what a deleted DAG ran can run again', async () => {
  const parent = await begin(server, dag)
  accepted(await server.bus.execute(command({ aggregate: 'dag', command: { type: 'DeleteDag' } }, dag.dagId)))
  const rerun = requestRun(dag)
  if (rerun.aggregate !== 'run' || rerun.command.type !== 'RequestRun') throw new Error('No request')
  const request = { ...rerun.command.request, parentRunId: parent as never, trigger: 'RERUN' as const }
  accepted(await server.bus.execute({ ...rerun, command: { ...rerun.command, request } }))
  await expect(server.bus.execute(requestRun(dag))).rejects.toMatchObject({ constraint: 'dag_open' })
})
