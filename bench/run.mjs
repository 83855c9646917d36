/**
 * npm run bench -- NAME [--rounds N] [--quick] [--pg system|embedded]
 *
 * Measures Dagbook beside its peers: NAME is dispatch, hop, append, ssh, growth or all. Every variant runs in a process of its own
 * against a database of its own, once a round, in turn; `--quick` does little of everything, to see that it runs. Prints
 * a table per benchmark and writes what was measured to bench/results/. Needs a build (npm run build).
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const here = fileURLToPath(new URL('.', import.meta.url))
const NAMES = ['dispatch', 'hop', 'append', 'ssh', 'growth']

function usage(problem) {
  process.stderr.write(
    `${problem}\nusage: npm run bench -- ${NAMES.join('|')}|all [--rounds N] [--quick] [--pg system|embedded]\n`,
  )
  process.exit(2)
}

function readArguments() {
  const options = { rounds: { type: 'string' }, quick: { type: 'boolean', default: false }, pg: { type: 'string' } }
  let given
  try {
    given = parseArgs({ options, allowPositionals: true })
  } catch (error) {
    usage(error.message)
  }
  const { values, positionals } = given
  const names = positionals[0] === 'all' ? NAMES : positionals
  if (names.length === 0 || names.some((name) => !NAMES.includes(name))) usage('Name a benchmark')
  const rounds = Number(values.rounds ?? (values.quick ? 2 : 5))
  if (!(Number.isInteger(rounds) && rounds > 0))
    usage(`--rounds must be a whole number above 0, given ${values.rounds}`)
  if (!['system', 'embedded', undefined].includes(values.pg)) {
    usage(`--pg must be system or embedded, given ${values.pg}`)
  }
  return { names, rounds, isQuick: values.quick, pg: values.pg ?? null }
}

/** The peers are no dependencies of Dagbook: they come into bench/node_modules when they are first needed. */
function ensureInstalled() {
  if (!existsSync(`${here}../dist/src/main.js`)) usage('Nothing is built: run npm run build first')
  if (existsSync(`${here}node_modules/.package-lock.json`)) return
  process.stderr.write('Installing the peers into bench/node_modules (npm ci --prefix bench) ...\n')
  const { status } = spawnSync('npm', ['ci', '--prefix', here, '--ignore-scripts'], { stdio: ['ignore', 2, 2] })
  if (status !== 0) usage('The peers could not be installed: see what npm says above')
}

async function measure(benchmark, { rounds, isQuick }, server) {
  const { runVariant } = await import('./lib/run-variant.mjs')
  const { cpuProbe } = await import('./lib/facts.mjs')
  const results = []
  for (let round = 1; round <= rounds; round += 1) {
    // There and back: who runs first and who runs last take turns.
    const order = round % 2 === 1 ? benchmark.variants : [...benchmark.variants].reverse()
    for (const { id, script, variant, sizes } of order) {
      const size = isQuick ? sizes.quick : sizes.full
      const probe = cpuProbe()
      const result = await runVariant(server.url, { script, variant, size }).catch((error) => ({
        error: error.message,
      }))
      results.push({ round, id, size, probe, ...result })
      const said = result.error ?? JSON.stringify(result.measures)
      process.stderr.write(`[${benchmark.name} ${round}/${rounds}] ${id}: ${said}\n`)
    }
  }
  return results
}

async function report(benchmark, results, given, server) {
  const { evaluate } = await import('./lib/evaluate.mjs')
  const { facts } = await import('./lib/facts.mjs')
  const { markdown } = await import('./lib/print.mjs')
  const machine = await facts(server, benchmark.peers)
  const evaluated = evaluate(benchmark, results)
  process.stdout.write(`\n${markdown(benchmark, evaluated, machine, given.rounds)}\n`)
  const at = new Date().toISOString()
  const file = `${here}results/${at.slice(0, 19).replaceAll(':', '')}-${benchmark.name}.json`
  await mkdir(`${here}results`, { recursive: true })
  await writeFile(
    file,
    `${JSON.stringify({ name: benchmark.name, at, ...given, machine, ...evaluated, results }, null, 1)}\n`,
  )
  process.stderr.write(`wrote ${file}\n`)
  return results.every((result) => result.error === undefined)
}

async function main() {
  const given = readArguments()
  ensureInstalled()
  const { startPostgres } = await import('./lib/postgres.mjs')
  const server = await startPostgres(given.pg)
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => void server.stop().finally(() => process.exit(130)))
  }
  let isWhole = true
  try {
    for (const name of given.names) {
      const { [name]: benchmark } = await import(`./benchmarks/${name}.mjs`)
      const results = await measure(benchmark, given, server)
      isWhole = (await report(benchmark, results, given, server)) && isWhole
    }
  } finally {
    await server.stop()
  }
  process.exitCode = isWhole ? 0 : 1
}

await main()
