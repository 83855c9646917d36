import { type GraphQLObjectType, isObjectType } from 'graphql'
import { POLICY } from '../../src/access/policy.js'
import type { Viewer } from '../../src/access/viewer.js'
import { fieldsOf, fieldsWithoutRule } from '../../src/api/access-walk.js'
import { isAllowed } from '../../src/api/operation/check-access.js'
import { buildApiSchema } from '../../src/api/schema.js'

const viewer = (role: 'ADMIN' | 'USER', permissions: Viewer['permissions'] = []) =>
  ({ role, permissions, scopes: null, projectRoles: new Map() }) as unknown as Viewer

test('every field says who may select it', async () => {
  expect(fieldsWithoutRule(await buildApiSchema())).toEqual([])
})

test('a field whose rule is taken away is found, and nobody may select it', async () => {
  const schema = await buildApiSchema()
  const type = schema.getType('User') as GraphQLObjectType
  const { extensions } = type
  type.extensions = {}
  const found = fieldsWithoutRule(schema)
  type.extensions = extensions
  expect(found).toContain('User.username')
  expect(found).not.toContain('User.email')
  expect(isAllowed('none', viewer('ADMIN'))).toBe(false)
})

test('an anonymous caller may select only what is public', async () => {
  const open = fieldsOf(await buildApiSchema()).filter(({ rule }) => isAllowed(rule ?? 'none', null))
  const roots = open.map(({ name }) => name).filter((name) => /^(Query|Mutation|Subscription)\./.test(name))
  expect(roots.sort()).toEqual(['Mutation.refreshSession', 'Mutation.signIn', 'Query.viewer'])
})

test('what needs a permission is refused without it, allowed with it and to an ADMIN', async () => {
  const rules = fieldsOf(await buildApiSchema()).flatMap(({ rule }) => (rule?.startsWith('action:') ? [rule] : []))
  for (const rule of new Set(rules)) {
    const need = POLICY[rule.slice('action:'.length) as keyof typeof POLICY] as { kind: string; permission?: string }
    expect(isAllowed(rule, viewer('ADMIN'))).toBe(true)
    if (need.kind !== 'PERMISSION') continue
    expect(isAllowed(rule, viewer('USER'))).toBe(false)
    expect(isAllowed(rule, viewer('USER', [need.permission as 'users']))).toBe(true)
  }
})

test('every type and field carries a description', async () => {
  const types = Object.values((await buildApiSchema()).getTypeMap()).filter((type) => !type.name.startsWith('__'))
  const roots = new Set(['Query', 'Mutation', 'Subscription'])
  const bare = types.filter(({ name, description }) => !description && !roots.has(name)).map(({ name }) => name)
  const fields = types
    .filter(isObjectType)
    .flatMap((type) => Object.values(type.getFields()).map((f) => [type, f] as const))
  const bareFields = fields
    .filter(([, field]) => !field.description)
    .map(([type, field]) => `${type.name}.${field.name}`)
  expect([...bare, ...bareFields]).toEqual([])
})
