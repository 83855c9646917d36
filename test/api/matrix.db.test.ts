import { POLICY } from '../../src/access/policy.js'
import { wrongMutations } from '../helpers/access/ask-mutations.js'
import { wrongNodes } from '../helpers/access/ask-nodes.js'
import { wrongQueries } from '../helpers/access/ask-queries.js'
import { wrongSubscriptions } from '../helpers/access/follow-all.js'
import { Matrix } from '../helpers/access/matrix.js'
import { fieldsOfRoot } from '../helpers/access/operations.js'
import { Line } from '../helpers/socket-line.js'

/**
 * Every field that the schema has, asked for by every kind of caller, in a project of theirs and in one that is not, through
 * the API itself. What each may is derived from the rule on the field and the policy; that no field is without a rule is
 * access-walk's to see. The last tests show that the matrix does not hold when somebody may more than that.
 */
let m: Matrix
beforeAll(async () => {
  m = await Matrix.open()
})
afterAll(() => m.f.close())

test('every mutation, by every caller, in their own project and in another', async () => {
  expect(await wrongMutations(m)).toEqual([])
})

test('every query, by every caller: rows of their own project, none of another', async () => {
  expect(await wrongQueries(m)).toEqual([])
})

test('node(id): every field of everything that has an id, where it is theirs to see', async () => {
  expect(await wrongNodes(m)).toEqual([])
})

test('every subscription, by every caller: what is theirs comes, what is not never does', async () => {
  expect(await wrongSubscriptions(m)).toEqual([])
  const anonymous = await Line.open(m.url)
  anonymous.send({ type: 'connection_init' })
  expect(await anonymous.closed).toBe(4403)
})

describe('the matrix does not hold', () => {
  const policy = POLICY as Record<keyof typeof POLICY, object>

  /** What is found while the row of the policy is that. */
  async function withRow<Result>(
    action: keyof typeof POLICY,
    row: object,
    ask: () => Promise<Result>,
  ): Promise<Result> {
    const written = policy[action]
    policy[action] = { ...written, ...row }
    return ask().finally(() => (policy[action] = written))
  }

  const mutations = (...names: string[]) =>
    fieldsOfRoot(m.schema, 'Mutation').filter(({ name }) => names.includes(name))

  test.each([
    ['steerRun', 'VIEWER', 'cancelRun by VIEWER in own: allowed, not FORBIDDEN'],
    ['manageSlas', 'OPERATOR', 'deleteSla by OPERATOR in own: allowed, not FORBIDDEN'],
  ] as const)('when a row of the policy asks for less: %s for %s', async (action, role, wrong) => {
    const ask = () => wrongMutations(m, m.by(role), mutations('cancelRun', 'deleteSla'))
    expect(await ask()).toEqual([])
    expect(await withRow(action, { role }, ask)).toEqual([wrong])
  })

  test('when a token may more than its scopes say', async () => {
    const ask = () => wrongMutations(m, m.by("OWNER's read,runs"), mutations('publishDag'))
    expect(await withRow('publishDag', { scope: 'runs' }, ask)).toEqual([
      "publishDag by OWNER's read,runs in own: allowed, not FORBIDDEN",
      "publishDag by OWNER's read,runs in other: hidden, not FORBIDDEN",
    ])
  })

  test('when the audit log is for everyone', async () => {
    const found = await withRow('readAuditLog', { kind: 'SIGNED_IN' }, () => wrongQueries(m, m.by('VIEWER')))
    expect(new Set(found)).toContain('auditLog() by VIEWER in own: allowed, not FORBIDDEN')
  })

  test('when somebody is shown the rows of a project that is not theirs, by whatever shows them', async () => {
    const stranger = m.by('stranger')
    const input = { projectId: m.other.ids.Project, userId: stranger[0]?.userId }
    await m.f.change('grantProjectRole', 'GrantProjectRoleInput', { ...input, role: 'VIEWER' }, '__typename')
    const queries = namesIn(await wrongQueries(m, stranger))
    const nodes = namesIn(await wrongNodes(m, stranger))
    const subscriptions = namesIn(await wrongSubscriptions(m, stranger))
    await m.f.change('revokeProjectRole', 'RevokeProjectRoleInput', input, '__typename')
    const ofProjects = (root: 'Query' | 'Subscription') =>
      fieldsOfRoot(m.schema, root)
        .flatMap(({ name }) => (m.isOfProjects(`${root}.${name}`) ? [name] : []))
        .sort()
    expect(queries).toEqual(ofProjects('Query'))
    expect(subscriptions).toEqual(ofProjects('Subscription'))
    // A machine and a queue show what runs on them and waits in them.
    const notOfProjects = ['ApiToken', 'AuditEntry', 'Pool', 'Session', 'Template', 'User']
    expect(nodes).toEqual(
      Object.keys(m.other.ids)
        .filter((type) => !notOfProjects.includes(type))
        .sort(),
    )
  })
})

/** Which fields or types the complaints are of, in order. */
function namesIn(wrong: readonly string[]): string[] {
  return [...new Set(wrong.map((each) => each.replace(/\W.*/, '')))].sort()
}
