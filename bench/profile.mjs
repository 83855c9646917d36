/**
 * node bench/profile.mjs NAME [--quick] [--rows N]
 *
 * Where our side of a benchmark spends its time: its measured part once, with a CPU profile of the process and
 * pg_stat_statements of the server (which must be Debian's PostgreSQL 15). The rate of a profiled run is no result.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { summarise } from './lib/cpu-profile.mjs'
import { startPostgres } from './lib/postgres.mjs'
import { runVariant } from './lib/run-variant.mjs'

const results = fileURLToPath(new URL('results', import.meta.url))

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, rows: { type: 'string', default: '30' } },
  allowPositionals: true,
})
const [name] = positionals
const { [name]: benchmark } = await import(`./benchmarks/${name}.mjs`)
const { script, variant, sizes } = benchmark.variants.find(({ isReference }) => isReference)
const server = await startPostgres('system', {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track': 'all',
  'pg_stat_statements.track_planning': 'on',
})
try {
  await mkdir(results, { recursive: true })
  const file = `${results}/profile-${name}.json`
  const { measures } = await runVariant(
    server.url,
    { script, variant, size: values.quick ? sizes.quick : sizes.full },
    file,
  )
  const { profile, statements } = JSON.parse(await readFile(file, 'utf8'))
  process.stdout.write(`${name}: ${JSON.stringify(measures)} while profiled\n`)
  printStatements(statements.slice(0, Number(values.rows)))
  for (const [title, rows] of Object.entries(summarise(profile))) printTimes(title, rows.slice(0, Number(values.rows)))
} finally {
  await server.stop()
}

/** `in` marks a statement inside a function, whose time is also its caller's. */
function printStatements(rows) {
  process.stdout.write('\nstatements: total ms, of it planning, calls, mean ms, rows, WAL KiB\n')
  for (const { query, calls, total_ms, plan_ms, rows: count, toplevel, wal_bytes } of rows) {
    const text = query.replaceAll(/\s+/g, ' ').trim().slice(0, 110)
    const numbers = [
      total_ms.toFixed(0),
      plan_ms.toFixed(0),
      calls,
      (total_ms / calls).toFixed(3),
      count,
      (wal_bytes / 1_024).toFixed(0),
    ]
    process.stdout.write(
      `${numbers.map((value) => String(value).padStart(9)).join('')} ${toplevel ? '  ' : 'in'} ${text}\n`,
    )
  }
}

function printTimes(title, rows) {
  process.stdout.write(`\nCPU ${title}, ms\n`)
  for (const { name: what, ms } of rows) process.stdout.write(`${ms.toFixed(0).padStart(9)}  ${what}\n`)
}
