#!/usr/bin/env node
// Writes the table of docs/access.md from the policy; with --check only compares, and fails when it is out of date.
import { readFileSync, writeFileSync } from 'node:fs'

const target = new URL('../docs/access.md', import.meta.url)
const { policyTable } = await import(new URL('../dist/src/access/policy-table.js', import.meta.url))

const committed = readFileSync(target, 'utf8')
const made = committed.replace(
  /(<!-- policy -->\n)[^]*?(<!-- end -->)/,
  (_, begin, end) => `${begin}${policyTable()}\n${end}`,
)
if (made !== committed) {
  if (process.argv.includes('--check')) {
    process.stdout.write('docs/access.md is not what the policy says: run npm run emit\n')
    process.exitCode = 1
  } else {
    writeFileSync(target, made)
    process.stdout.write('wrote docs/access.md\n')
  }
}
