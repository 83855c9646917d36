import { ensureCapacity } from '../../../src/commands/ensure-capacity.js'
import { readEvents } from '../../../src/history/read-events.js'
import { openTestApi, type TestApi } from '../../helpers/api.js'
import { checkReplay } from '../../projections/check-replay.js'

let it_: TestApi
let admin: string

beforeAll(async () => {
  it_ = await openTestApi()
  await ensureCapacity(it_.services.database, it_.services.bus, 'host of the tests')
  admin = await it_.tokenOf('admin')
})
afterAll(() => it_.close())

const CREATE = `mutation ($i: CreateProjectInput!) { createProject(input: $i) {
  project { id name description viewerRole createdBy { username } members { role user { username } } }
  position userErrors { code path message }
} }`
const GRANT = `mutation ($i: GrantProjectRoleInput!) { grantProjectRole(input: $i) {
  project { members { role user { id } } } position userErrors { code path }
} }`
const create = (token: string, i: object) => it_.ask(CREATE, { token, variables: { i } })
const grant = (token: string, i: object) => it_.ask(GRANT, { token, variables: { i } })

test('whoever makes a project owns it and sees it at once', async () => {
  const { token } = await it_.makeUser('maker')
  const { data } = await create(token, { name: 'mine', description: 'my own' })
  expect(data.createProject).toMatchObject({
    userErrors: [],
    position: expect.stringMatching(/^\d+$/),
    project: { name: 'mine', viewerRole: 'OWNER', createdBy: { username: 'maker' } },
  })
  expect(data.createProject.project.members).toEqual([{ role: 'OWNER', user: { username: 'maker' } }])
})

test('strangers see nothing of a project, by no way', async () => {
  const owner = await it_.makeUser('secretive')
  const stranger = await it_.makeUser('stranger')
  const { data } = await create(owner.token, { name: 'hidden' })
  const { id } = data.createProject.project
  const query = `query ($id: ID!) { project(name: "hidden") { id } node(id: $id) { id } nodes(ids: [$id]) { id }
    projects { totalCount nodes { id } } }`
  const answer = await it_.ask(query, { token: stranger.token, variables: { id } })
  expect(answer.data).toEqual({ project: null, node: null, nodes: [null], projects: { totalCount: 0, nodes: [] } })
  const granted = await grant(stranger.token, { projectId: id, userId: stranger.id, role: 'OWNER' })
  expect(granted.data.grantProjectRole.userErrors).toEqual([{ code: 'NOT_FOUND', path: ['projectId'] }])
})

test('only an OWNER grants roles; a role takes effect at once', async () => {
  const owner = await it_.makeUser('granter')
  const member = await it_.makeUser('member')
  const { data } = await create(owner.token, { name: 'shared' })
  const { id: projectId } = data.createProject.project
  await grant(owner.token, { projectId, userId: member.id, role: 'EDITOR' })
  const seen = await it_.ask('{ project(name: "shared") { viewerRole } }', { token: member.token })
  expect(seen.data.project.viewerRole).toBe('EDITOR')
  const denied = await grant(member.token, { projectId, userId: member.id, role: 'OWNER' })
  expect(denied.errors[0]?.extensions.code).toBe('FORBIDDEN')
  const last = await grant(owner.token, { projectId, userId: owner.id, role: 'VIEWER' })
  expect(last.data.grantProjectRole.userErrors[0].code).toBe('NOT_ALLOWED_IN_STATE')
  const unknown = await grant(owner.token, { projectId, userId: 'user_00000000000000000000000000', role: 'VIEWER' })
  expect(unknown.data.grantProjectRole.userErrors).toEqual([{ code: 'NOT_FOUND', path: ['userId'] }])
})

test('a denial is in the access log', async () => {
  const { token } = await it_.makeUser('denied')
  const answer = await it_.ask('{ users { nodes { id } } }', { token })
  expect(answer).toMatchObject({ status: 403, errors: [{ extensions: { code: 'FORBIDDEN' } }] })
  const count = "SELECT count(*)::int AS n FROM access_log WHERE username = 'denied' AND outcome = 'DENIED'"
  for (;;) if ((await it_.db.owner.query<{ n: number }>(count))[0]?.n === 1) break
})

test('a name that is taken or unfit is a user error', async () => {
  await create(admin, { name: 'taken' })
  const taken = await create(admin, { name: 'taken' })
  expect(taken.data.createProject).toMatchObject({ project: null, position: null })
  expect(taken.data.createProject.userErrors).toMatchObject([{ code: 'TAKEN', path: ['name'] }])
  for (const name of ['', '1st', 'a b', 'x'.repeat(101), 'ü']) {
    const { data } = await create(admin, { name })
    expect(data.createProject.userErrors).toMatchObject([{ code: 'INVALID', path: ['name'] }])
  }
})

test('the same key answers the same again; with another input it is a conflict', async () => {
  const i = { name: 'once', idempotencyKey: 'k1' }
  const first = await create(admin, i)
  const again = await create(admin, i)
  expect(again.data).toEqual(first.data)
  const { errors } = await create(admin, { ...i, name: 'other' })
  expect(errors[0]?.extensions.code).toBe('CONFLICT')
  const { token } = await it_.makeUser('another')
  const other = await create(token, { ...i, name: 'anothers' })
  expect(other.data.createProject.userErrors).toEqual([])
})

test('eight repeats at once make one project', async () => {
  const i = { name: 'at-once', idempotencyKey: 'k2' }
  const answers = await Promise.all(Array.from({ length: 8 }, () => create(admin, i)))
  expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBe(1)
})

interface ProjectPage {
  totalCount: number
  nodes: { name: string }[]
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
}

test('pages of projects are the whole list, in order, once each', async () => {
  const query =
    'query ($after: String) { projects(first: 2, after: $after) { totalCount nodes { name } pageInfo { hasNextPage endCursor } } }'
  const names: string[] = []
  for (let after: string | null = null, more = true; more; ) {
    const { projects }: { projects: ProjectPage } = (await it_.ask(query, { token: admin, variables: { after } })).data
    names.push(...projects.nodes.map(({ name }) => name))
    ;({ hasNextPage: more, endCursor: after } = projects.pageInfo)
    expect(projects.totalCount).toBeGreaterThanOrEqual(names.length)
  }
  expect(new Set(names).size).toBe(names.length)
  const all = await it_.db.owner.query<{ name: string }>('SELECT name FROM project ORDER BY name')
  expect(names).toEqual(all.map(({ name }) => name))
})

test('a position that is not reached in time is stale, one that is reached is not', async () => {
  const { data } = await create(admin, { name: 'positioned' })
  const at = (position: string) =>
    it_.ask('{ viewer { id } }', { token: admin, headers: { 'dagbook-min-position': position } })
  expect((await at(data.createProject.position)).errors).toEqual([])
  expect((await at('999999')).errors[0]?.extensions.code).toBe('STALE_POSITION')
  expect((await at('x')).errors[0]?.extensions.code).toBe('BAD_USER_INPUT')
})

test('statements do not grow with the page', async () => {
  const asked = { count: 0 }
  const { pool } = it_.services.database
  const original = pool.query
  pool.query = ((...given: unknown[]) => {
    asked.count += 1
    return (original as (...all: unknown[]) => unknown).apply(pool, given)
  }) as typeof pool.query
  const statements = async (first: number) => {
    asked.count = 0
    const query = `{ projects(first: ${first}) { nodes { createdBy { username } members { user { username } } } } }`
    await it_.ask(query, { token: admin })
    return asked.count
  }
  const counts = [await statements(1), await statements(5), await statements(10)]
  pool.query = original
  // The tail looks at the head now and then, on the same pool.
  expect(Math.max(...counts)).toBeLessThanOrEqual(8)
})

test('a project is renamed and described by its OWNER; a name in use is refused', async () => {
  const owner = await it_.makeUser('renamer')
  const editor = await it_.makeUser('sub-editor')
  const { id: projectId } = (await create(owner.token, { name: 'old-name' })).data.createProject.project
  await create(owner.token, { name: 'taken-name' })
  await grant(owner.token, { projectId, userId: editor.id, role: 'EDITOR' })
  const query = `mutation ($i: UpdateProjectInput!) { updateProject(input: $i) {
    project { name description } position userErrors { code path } } }`
  const update = (token: string, i: object) => it_.ask(query, { token, variables: { i: { projectId, ...i } } })
  expect((await update(editor.token, { name: 'x' })).errors[0]?.extensions.code).toBe('FORBIDDEN')
  const { data } = await update(owner.token, { name: 'new-name', description: 'said anew' })
  expect(data.updateProject.project).toEqual({ name: 'new-name', description: 'said anew' })
  expect((await update(owner.token, { name: 'new-name' })).data.updateProject.position).toBeNull()
  expect((await update(owner.token, { name: 'taken-name' })).data.updateProject.userErrors).toEqual([
    { code: 'TAKEN', path: ['name'] },
  ])
  const wrong = (await update(owner.token, { name: '-', description: 'x'.repeat(2_001) })).data.updateProject.userErrors
  expect(wrong.map(({ path }: { path: string[] }) => path[0])).toEqual(['name', 'description'])
  expect((await create(owner.token, { name: 'old-name' })).data.createProject.userErrors).toEqual([])
})

test('in an archived project nothing begins, and all of it can be read', async () => {
  const owner = await it_.makeUser('archivist')
  const { id: projectId } = (await create(owner.token, { name: 'attic' })).data.createProject.project
  const publish = `mutation ($i: PublishDagInput!) { publishDag(input: $i) { dag { id } problems { message } userErrors { code path } } }`
  const source = 'name: a\ntasks: { t: { noop: {} } }'
  const publishing = () => it_.ask(publish, { token: owner.token, variables: { i: { projectId, source } } })
  const dagId = (await publishing()).data.publishDag.dag.id
  const trigger = `mutation { triggerRun(input: {dagId: "${dagId}"}) { run { id } userErrors { code path } } }`
  expect((await it_.ask(trigger, { token: owner.token })).data.triggerRun.userErrors).toEqual([])
  const archive = `mutation { archiveProject(input: {projectId: "${projectId}"}) { project { archivedAt } position } }`
  const archived = (await it_.ask(archive, { token: owner.token })).data.archiveProject
  expect(archived.project.archivedAt).not.toBeNull()
  expect((await it_.ask(archive, { token: owner.token })).data.archiveProject.position).toBeNull()
  const refused = (path: string) => [{ code: 'NOT_ALLOWED_IN_STATE', path: [path] }]
  expect((await publishing()).data.publishDag.userErrors).toEqual(refused('projectId'))
  expect((await it_.ask(trigger, { token: owner.token })).data.triggerRun.userErrors).toEqual(refused('dagId'))
  const secret = `mutation { setSecret(input: {projectId: "${projectId}", name: "a", value: "b"}) { userErrors { code path } } }`
  expect((await it_.ask(secret, { token: owner.token })).data.setSecret.userErrors).toEqual(refused('projectId'))
  const read = await it_.ask(`{ project(name: "attic") { name dags { totalCount } runs { totalCount } } }`, {
    token: owner.token,
  })
  expect(read.data.project).toEqual({ name: 'attic', dags: { totalCount: 1 }, runs: { totalCount: 1 } })
})

test('a member who is taken out sees nothing any more; the last OWNER stays', async () => {
  const owner = await it_.makeUser('keeper')
  const member = await it_.makeUser('parting')
  const { id: projectId } = (await create(owner.token, { name: 'club' })).data.createProject.project
  await grant(owner.token, { projectId, userId: member.id, role: 'VIEWER' })
  const query = `mutation ($i: RevokeProjectRoleInput!) { revokeProjectRole(input: $i) { position userErrors { code path } } }`
  const revoke = async (userId: string) =>
    (await it_.ask(query, { token: owner.token, variables: { i: { projectId, userId } } })).data.revokeProjectRole
  expect(await revoke(owner.id)).toMatchObject({ userErrors: [{ code: 'NOT_ALLOWED_IN_STATE', path: ['userId'] }] })
  expect((await revoke(member.id)).userErrors).toEqual([])
  expect((await it_.ask('{ project(name: "club") { id } }', { token: member.token })).data.project).toBeNull()
  expect((await revoke(member.id)).userErrors).toEqual([{ code: 'NOT_FOUND', path: ['userId'] }])
})

test('secrets are set, listed by name and deleted, and their values are nowhere to be read', async () => {
  const owner = await it_.makeUser('keyholder')
  const { id: projectId } = (await create(owner.token, { name: 'vault' })).data.createProject.project
  const set = `mutation ($i: SetSecretInput!) { setSecret(input: $i) { secret { name } position userErrors { code path message } } }`
  const setting = async (name: string, value: string) =>
    (await it_.ask(set, { token: owner.token, variables: { i: { projectId, name, value } } })).data.setSecret
  expect((await setting('pg', 'open-sesame-1')).secret).toEqual({ name: 'pg' })
  expect((await setting('pg', 'open-sesame-2')).userErrors).toEqual([])
  await setting('api', 'open-sesame-3')
  const wrong = (await setting('1 bad', '')).userErrors
  expect(wrong.map(({ path }: { path: string[] }) => path[0])).toEqual(['name', 'value'])
  const list = async () =>
    (await it_.ask('{ project(name: "vault") { secrets { name } } }', { token: owner.token })).data.project.secrets
  expect(await list()).toEqual([{ name: 'api' }, { name: 'pg' }])
  const remove = async () =>
    (
      await it_.ask(
        `mutation { deleteSecret(input: {projectId: "${projectId}", name: "pg"}) { secret { name } userErrors { code path } } }`,
        {
          token: owner.token,
        },
      )
    ).data.deleteSecret
  expect(await remove()).toEqual({ secret: { name: 'pg' }, userErrors: [] })
  expect(await remove()).toEqual({ secret: null, userErrors: [{ code: 'NOT_FOUND', path: ['name'] }] })
  expect(await list()).toEqual([{ name: 'api' }])
  const tables = await it_.db.owner.query<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace",
  )
  for (const { name } of tables) {
    expect(JSON.stringify(await it_.db.owner.query(`SELECT t::text FROM ${name} t`))).not.toContain('open-sesame')
  }
})

test('names that are given up and taken within one batch are replayed', async () => {
  const { token } = await it_.makeUser('swapper')
  const made: string[] = []
  for (const name of ['swap-a', 'swap-b']) made.push((await create(token, { name })).data.createProject.project.id)
  const rename = async (projectId: string | undefined, name: string) =>
    (
      await it_.ask(
        `mutation { updateProject(input: {projectId: "${projectId}", name: "${name}"}) { userErrors { code } } }`,
        { token },
      )
    ).data.updateProject.userErrors
  for (const [index, name] of [
    [0, 'swap-c'],
    [1, 'swap-a'],
    [0, 'swap-b'],
  ] as const) {
    expect(await rename(made[index], name)).toEqual([])
  }
  const events = await readEvents(it_.db.owner.pool, { after: 0 }, 10_000)
  for (const batch of [1, 7, 10_000]) await checkReplay(it_.db, events, batch)
})
