#!/usr/bin/env node
// Writes what is made from the rules of access: the table of docs/access.md, from the policy, and schema/access-rules.json, the
// rule of every field, so that a change of one shows as a diff. With --check only compares, and fails when one is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const root = new URL('..', import.meta.url)
const { policyTable } = await import(new URL('dist/src/access/policy-table.js', root))
const { buildApiSchema } = await import(new URL('dist/src/api/schema.js', root))
const { fieldsOf } = await import(new URL('dist/src/api/access-walk.js', root))

const BEGIN = '<!-- policy -->\n'
const END = '\n<!-- end -->'

function accessDocs(committed) {
  const [before, rest] = committed.split(BEGIN)
  return `${before}${BEGIN}${policyTable()}${END}${rest.slice(rest.indexOf(END) + END.length)}`
}

async function accessRules() {
  const rules = fieldsOf(await buildApiSchema()).map(({ name, rule }) => [name, rule])
  return `${JSON.stringify(Object.fromEntries(rules.sort(([a], [b]) => (a < b ? -1 : 1))), null, 2)}\n`
}

function write(name, made) {
  const file = new URL(name, root)
  const committed = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const text = made(committed)
  if (text === committed) return
  if (process.argv.includes('--check')) {
    process.stdout.write(`${name} is not what the code makes: run npm run emit\n`)
    process.exitCode = 1
  } else {
    writeFileSync(file, text)
    process.stdout.write(`wrote ${name}\n`)
  }
}

const rules = await accessRules()
write('docs/access.md', accessDocs)
write('schema/access-rules.json', () => rules)
