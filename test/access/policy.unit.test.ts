import { type Action, may, mayAnywhere, POLICY } from '../../src/access/policy.js'
import { SCOPES, type Scope } from '../../src/access/scopes.js'
import { type Viewer, visibleProjects } from '../../src/access/viewer.js'
import type { ProjectId } from '../../src/domain/ids.js'
import { PROJECT_ROLES, type ProjectRole } from '../../src/domain/project/project.js'

const OWN = 'project_own' as ProjectId
const OTHER = 'project_other' as ProjectId
const member = (role: ProjectRole | null) =>
  ({
    role: 'USER',
    permissions: [],
    scopes: null,
    projectRoles: new Map(role === null ? [] : [[OWN, role]]),
  }) as unknown as Viewer
const admin = { role: 'ADMIN', permissions: [], scopes: null, projectRoles: new Map() } as unknown as Viewer
const actions = Object.entries(POLICY) as [Action, { kind: string; role?: ProjectRole; scope: Scope | null }][]

test.each(actions.filter(([, need]) => need.kind === 'PROJECT_ROLE'))(
  '%s: the role or a higher one, in the own project only',
  (action, need) => {
    for (const [index, role] of PROJECT_ROLES.entries()) {
      expect(may(member(role), action, OWN)).toBe(index >= PROJECT_ROLES.indexOf(need.role as ProjectRole))
      expect(may(member(role), action, OTHER)).toBe(false)
      expect(may(member(role), action)).toBe(false)
    }
    expect(may(member(null), action, OWN)).toBe(false)
  },
)

test.each(actions)('%s: never an anonymous caller, always an ADMIN', (action) => {
  expect(may(null, action, OWN)).toBe(false)
  expect(may(admin, action, OTHER)).toBe(true)
})

test('members see their projects, an ADMIN all, a stranger none', () => {
  expect(visibleProjects(member('VIEWER'))).toEqual([OWN])
  expect(visibleProjects(admin)).toBe('all')
  expect(visibleProjects(null)).toEqual([])
})

test.each(actions)('%s: a token needs its scope, whoever its user is', (action, need) => {
  const { scope } = need
  const others = SCOPES.filter((each) => each !== scope)
  expect(may({ ...admin, scopes: others }, action, OWN)).toBe(false)
  expect(may({ ...admin, scopes: scope === null ? SCOPES : [scope] }, action, OWN)).toBe(scope !== null)
  expect(mayAnywhere({ ...member('OWNER'), scopes: others }, action)).toBe(false)
})

test('a token has no right that its user lacks', () => {
  for (const [action] of actions) {
    const plain = member('VIEWER')
    if (may({ ...plain, scopes: SCOPES }, action, OWN)) expect(may(plain, action, OWN)).toBe(true)
  }
})
