/**
 * Writes the files that are made from the code: schema/schema.graphql, and what the other scripts/emit-*.mjs make. With
 * `--check` it writes nothing and exits with 1 when a committed file is not what the code makes. Needs a build.
 */
import { spawn } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const root = new URL('..', import.meta.url)
const isCheck = process.argv.includes('--check')

async function emitSchema() {
  const { buildApiSchema, printApiSchema } = await import(new URL('dist/src/api/schema.js', root))
  const text = printApiSchema(await buildApiSchema())
  const file = new URL('schema/schema.graphql', root)
  const committed = await readFile(file, 'utf8').catch(() => '')
  if (committed === text) return true
  if (isCheck) {
    process.stdout.write('schema/schema.graphql is not what the code makes: run npm run emit\n')
    return false
  }
  await writeFile(file, text)
  process.stdout.write('wrote schema/schema.graphql\n')
  return true
}

function runScript(name) {
  const script = fileURLToPath(new URL(name, import.meta.url))
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...process.argv.slice(2)], { stdio: 'inherit' })
    child.once('error', reject)
    child.once('close', (code) => resolve(code === 0))
  })
}

let isFresh = await emitSchema()
const others = (await readdir(new URL('.', import.meta.url))).filter((name) => /^emit-[\w-]+\.mjs$/.test(name)).sort()
for (const name of others) isFresh = (await runScript(name)) && isFresh
process.exitCode = isFresh ? 0 : 1
