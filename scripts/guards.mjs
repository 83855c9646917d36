import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { GUARDS } from '../test/guards/guards.mjs'

/*
 * npm run guards [-- WORDS]: takes away each guard of test/guards/guards.mjs (those with these words in what they keep) in a
 * copy of the project, and runs its test, which has to fail. Exit code 1: a guard is missed by nobody.
 */

const PROJECT = fileURLToPath(new URL('..', import.meta.url))
/** Without its guard a test may hang. */
const PATIENCE_MS = 600_000
const LEFT_OUT = /^(node_modules|bench|\.git|\.dagbook)$/

const words = process.argv.slice(2).join(' ')
const chosen = GUARDS.filter(({ keeps }) => keeps.includes(words))
const copy = mkdtempSync(path.join(tmpdir(), 'dagbook-guards-'))
const missedByNobody = []
try {
  cpSync(PROJECT, copy, { recursive: true, filter: (from) => !LEFT_OUT.test(path.relative(PROJECT, from)) })
  symlinkSync(path.join(PROJECT, 'node_modules'), path.join(copy, 'node_modules'))
  for (const guard of chosen) {
    const without = failsWithout(guard)
    console.log(
      `${without ? 'fails without' : 'PASSES WITHOUT'}  ${guard.keeps}  (${guard.test}: ${guard.name || 'all'})`,
    )
    if (!without) missedByNobody.push(guard)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
console.log(
  `${chosen.length - missedByNobody.length} of ${chosen.length} guards are seen to fail when they are removed`,
)
process.exitCode = missedByNobody.length > 0 || chosen.length === 0 ? 1 : 0

/** Whether a test that was found failed; one that could not even begin is no proof. */
function failsWithout({ file, edits, test, name }) {
  const target = path.join(copy, file)
  const source = readFileSync(target, 'utf8')
  writeFileSync(
    target,
    edits.reduce((text, [from, to]) => text.replace(from, () => to), source),
  )
  const results = path.join(copy, 'guard-results.json')
  const jest = ['--no-install', 'jest', '--runInBand', '--forceExit', `${test}\\.`, '--json', '--outputFile', results]
  const named = name === '' ? [] : ['--testNamePattern', name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')]
  spawnSync('npx', [...jest, ...named], {
    cwd: copy,
    env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' },
    stdio: 'ignore',
    timeout: PATIENCE_MS,
  })
  writeFileSync(target, source)
  if (!existsSync(results)) return false
  const { numFailedTests } = JSON.parse(readFileSync(results, 'utf8'))
  rmSync(results)
  return numFailedTests > 0
}
