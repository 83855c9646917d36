import { readFileSync } from 'node:fs'
import { policyTable } from '../../src/access/policy-table.js'
import { SCOPES } from '../../src/access/scopes.js'

const DOCS = readFileSync(new URL('../../docs/access.md', import.meta.url), 'utf8')

test('docs/access.md shows the policy as it is', () => {
  expect(DOCS).toContain(`<!-- policy -->\n${policyTable()}\n<!-- end -->`)
})

test('docs/access.md names every scope', () => {
  for (const scope of SCOPES) expect(DOCS).toContain(`\`${scope}\``)
})
