/**
 * `npm run check`: the whole gate without a database. Every step runs, also after a failed one, so that one round shows
 * everything there is to mend; a step's output is shown when it fails. Exits with 1 if any failed. `--without-tests`: for
 * who runs all tests besides.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const node = process.execPath

const steps = [
  ['format and lint', node, 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'],
  ['types, tests included', node, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.test.json'],
  ['build', node, 'node_modules/typescript/bin/tsc', '--build'],
  ['import plan', 'npm', 'run', '--silent', 'plan'],
  ...(existsSync(`${root}scripts/emit.mjs`) ? [['generated files', node, 'scripts/emit.mjs', '--check']] : []),
  ...(process.argv.includes('--without-tests') ? [] : [['unit tests', 'npm', 'run', '--silent', 'test:unit']]),
]

/** Resolves with the exit code (1 for a signal or when it could not start) and everything the command printed. */
function run(command, argv) {
  return new Promise((resolve) => {
    const child = spawn(command, argv, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    const output = []
    child.stdout.on('data', (chunk) => output.push(chunk))
    child.stderr.on('data', (chunk) => output.push(chunk))
    child.once('error', (error) => resolve({ code: 1, output: `${error.message}\n` }))
    child.once('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(output).toString() }))
  })
}

const failed = []
for (const [name, command, ...argv] of steps) {
  const start = performance.now()
  const { code, output } = await run(command, argv)
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6)
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${seconds} s  ${name}\n`)
  if (code !== 0) {
    failed.push(name)
    process.stdout.write(`${output.trimEnd()}\n\n`)
  }
}

process.stdout.write(failed.length === 0 ? 'check passed\n' : `check failed: ${failed.join(', ')}\n`)
process.exitCode = failed.length === 0 ? 0 : 1
