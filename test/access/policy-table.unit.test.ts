import { readFileSync } from 'node:fs'
import { policyTable } from '../../src/access/policy-table.js'
import { SCOPES } from '../../src/access/scopes.js'
import { fieldsOf } from '../../src/api/access-walk.js'
import { buildApiSchema } from '../../src/api/schema.js'

const DOCS = readFileSync(new URL('../../docs/access.md', import.meta.url), 'utf8')

test('docs/access.md shows the policy as it is', () => {
  expect(DOCS).toContain(`<!-- policy -->\n${policyTable()}\n<!-- end -->`)
})

test('schema/access-rules.json has the rule of every field as it is', async () => {
  const committed = readFileSync(new URL('../../schema/access-rules.json', import.meta.url), 'utf8')
  const rules = Object.fromEntries(fieldsOf(await buildApiSchema()).map(({ name, rule }) => [name, rule]))
  expect(JSON.parse(committed)).toEqual(rules)
})

test('docs/access.md names every scope', () => {
  for (const scope of SCOPES) expect(DOCS).toContain(`\`${scope}\``)
})
