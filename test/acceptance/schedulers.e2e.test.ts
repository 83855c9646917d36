import { setTimeout as pause } from 'node:timers/promises'
import { sized } from '../helpers/long.js'
import { until } from '../helpers/until.js'
import { createProject, publish } from './runs.js'
import { Sandbox } from './sandbox.js'
import { Session } from './session.js'

const KILLS = sized(20, 3)
const ENV = { DAGBOOK_EXAMPLES: 'off' }

let sandbox: Sandbox
let session: Session
let dag: string

beforeAll(async () => {
  sandbox = await Sandbox.make()
  session = await Session.open(await sandbox.start({ ...ENV, DAGBOOK_ROLES: 'api,dispatcher' }))
  const schedule = { cron: '* * * * * *', catchup: 'ALL', overlapPolicy: 'ALLOW_ALL' }
  dag = await publish(session, await createProject(session, 'clock'), {
    name: 'tick',
    schedule,
    tasks: { t: { noop: {} } },
  })
})

afterAll(() => sandbox.close())

async function fired(): Promise<number> {
  const query = '{ dag(project: "clock", name: "tick") { runs { totalCount } } }'
  return (await session.ask(query)).dag.runs.totalCount
}

interface Page {
  readonly nodes: readonly { readonly logicalDate: string }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string }
}

/** The times of all fires, in ms. */
async function times(): Promise<number[]> {
  const all: number[] = []
  for (let after: string | null = null; ; ) {
    const query = `query ($after: String) {
      dag(project: "clock", name: "tick") { runs(first: 100, after: $after) { nodes { logicalDate } pageInfo { hasNextPage endCursor } } }
    }`
    const { nodes, pageInfo }: Page = (await session.ask(query, { after })).dag.runs
    all.push(...nodes.map(({ logicalDate }) => Date.parse(logicalDate)))
    if (!pageInfo.hasNextPage) return all.toSorted((a, b) => a - b)
    after = pageInfo.endCursor
  }
}

it(`of two schedulers one is killed ${KILLS} times at any moment: every second fires once`, async () => {
  const spawn = () => sandbox.spawn({ ...ENV, DAGBOOK_ROLES: 'scheduler' })
  const two = [spawn(), spawn()]
  await until('the first fires', async () => (await fired()) > 3)
  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = await fired()
    await pause(Math.random() * 2_000)
    await two[kill % 2]?.kill9()
    two[kill % 2] = spawn()
    await until('fires after it', async () => (await fired()) > before + 3)
  }
  await session.ask(
    'mutation ($id: ID!) { setDagEnabled(input: { dagId: $id, isEnabled: false }) { userErrors { message } } }',
    {
      id: dag,
    },
  )
  const found = await times()
  const [first = 0] = found
  expect(found).toEqual(found.map((_, at) => first + at * 1_000))
  expect(found.length).toBeGreaterThan(3 * KILLS)
})
