import { createProject, publish, runEnd, trigger } from './runs.js'
import { Sandbox } from './sandbox.js'
import type { Server } from './server.js'
import { post, Session } from './session.js'
import { Feed } from './subscribe.js'

let sandbox: Sandbox
let server: Server
let admin: Session
let bob: Session
let ids: { project: string; dag: string; run: string; instance: string }

beforeAll(async () => {
  sandbox = await Sandbox.make()
  server = await sandbox.start({ DAGBOOK_EXAMPLES: 'off' })
  admin = await Session.open(server)
  const input = { username: 'bob', password: 'builds all day long' }
  await admin.ask('mutation ($input: CreateUserInput!) { createUser(input: $input) { userErrors { message } } }', {
    input,
  })
  bob = await Session.open(server, input.username, input.password)
  const project = await createProject(admin, 'hidden')
  const dag = await publish(admin, project, { name: 'secretive', tasks: { whisper: { run: 'echo hush' } } })
  const run = await trigger(admin, dag)
  await runEnd(admin, run)
  const { run: found } = await admin.ask('query ($id: ID!) { run(id: $id) { instances { nodes { id } } } }', {
    id: run,
  })
  ids = { project, dag, run, instance: found.instances.nodes[0].id }
})

afterAll(async () => {
  await sandbox.close()
})

function codes(answer: { readonly errors: readonly { readonly extensions?: { readonly code: string } }[] }) {
  return answer.errors.map(({ extensions }) => extensions?.code)
}

describe('who is not signed in', () => {
  it.each([
    '{ projects { nodes { name } } }',
    '{ users { nodes { username } } }',
    '{ runs { nodes { id } } }',
    '{ events { nodes { type } } }',
    '{ server { version } }',
    'mutation { createProject(input: { name: "mine" }) { project { id } } }',
  ])('gets nothing from %s', async (query) => {
    const answer = await post(server.url, query)
    expect(answer.data).toBeNull()
    expect(codes(answer)).toEqual(['UNAUTHENTICATED'])
  })

  it('reads no output and opens no subscription', async () => {
    const output = await fetch(`${server.url}/logs/${ids.instance}/1/stdout`)
    expect(output.status).toBe(401)
    expect(await output.text()).not.toContain('hush')
    const nobody = { url: server.url, token: async () => 'no token' } as unknown as Session
    const feed = await Feed.open(nobody, 'subscription { events { type } }')
    await expect(feed[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 4403 })
  })

  it('learns nothing of who there is: a wrong name and a wrong password get the same answer', async () => {
    const query =
      'mutation ($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code message } } }'
    const answers = await Promise.all(
      ['bob', 'nobody'].map((username) => post(server.url, query, { input: { username, password: 'a guess at it' } })),
    )
    expect(answers[0]?.data ?? answers[0]?.errors).toEqual(answers[1]?.data ?? answers[1]?.errors)
    expect(answers[0]?.data?.signIn?.accessToken ?? null).toBeNull()
  })
})

describe("somebody else's project", () => {
  it('is not there: not by name, by id, in lists, in events or as output', async () => {
    const query = `query ($project: ID!, $dag: ID!, $run: ID!, $instance: ID!) {
      project(name: "hidden") { id }
      dag(project: "hidden", name: "secretive") { id }
      run(id: $run) { id }
      instance(id: $instance) { id }
      nodes(ids: [$project, $dag, $run, $instance]) { id }
      projects { totalCount nodes { id } }
      runs { nodes { id } }
      events { totalCount nodes { type } }
    }`
    expect(await bob.ask(query, ids)).toEqual({
      project: null,
      dag: null,
      run: null,
      instance: null,
      nodes: [null, null, null, null],
      projects: { totalCount: 0, nodes: [] },
      runs: { nodes: [] },
      events: { totalCount: 0, nodes: [] },
    })
    await expect(bob.raw(ids.instance, 1, 'stdout')).rejects.toThrow(/^404/)
    expect(await admin.raw(ids.instance, 1, 'stdout')).toBe('hush\n')
  })

  it('cannot be changed, and a refusal is that of something that does not exist', async () => {
    const query = `mutation ($input: TriggerRunInput!) { triggerRun(input: $input) { run { id } userErrors { code } } }`
    const { data } = await bob.answer(query, { input: { dagId: ids.dag } })
    expect(data.triggerRun).toEqual({ run: null, userErrors: [{ code: 'NOT_FOUND' }] })
    await expect(publish(bob, ids.project, { name: 'mine', tasks: { a: { noop: {} } } })).rejects.toThrow('errors')
  })
})

describe('bodies', () => {
  const send = async (length: number, query: string, token?: string) => {
    const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const body = JSON.stringify({ query, variables: { source: `# ${'x'.repeat(length)}` } })
    const headers = { 'content-type': 'application/json', ...authorization }
    // What is refused is not read: a client that is still writing may hear of a broken pipe instead of the answer.
    for (let tries = 0; ; tries += 1) {
      try {
        return (await fetch(`${server.url}/graphql`, { method: 'POST', headers, body })).status
      } catch (error) {
        const { code } = (error as { cause?: { code?: string } }).cause ?? {}
        if (tries >= 5 || (code !== 'EPIPE' && code !== 'ECONNRESET')) throw error
      }
    }
  }
  const CHECK = 'query ($source: String!) { checkDag(source: $source) { isValid } }'

  it('are at most 64 KB, or 12 MB for a signed-in publish or check alone', async () => {
    const token = await bob.token()
    expect(await send(70_000, CHECK)).toBe(413)
    expect(await send(70_000, 'query ($source: String!) { node(id: $source) { id } }', token)).toBe(413)
    expect(await send(5_000_000, CHECK, token)).toBe(200)
    expect(await send(13_000_000, CHECK, token)).toBe(413)
  })
})
