import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { deleteSecret, setSecret } from '../../src/commands/secrets.js'
import type { ProjectId } from '../../src/domain/ids.js'
import { createEncryption } from '../../src/platform/encryption.js'
import { chunksOf, done, requestRun } from '../helpers/runs.js'
import { secretKey } from '../helpers/secret-key.js'
import { until } from '../helpers/until.js'
import type { Wiring } from '../helpers/wiring.js'
import { dag, Scene } from './scene.js'

const encryption = createEncryption(secretKey)
const VALUE = 's3cret-\'quoted\' $HOME `x` \\ "y"\nsecond line – ü'

let scene: Scene
let server: Wiring

beforeAll(async () => {
  scene = await Scene.open()
  server = await scene.server()
  server.dispatch()
})
afterAll(() => scene.close())

/** Asks for a run in a project of its own, whose secrets are set before anything is dispatched. */
async function runWith(secrets: Record<string, string>, tasks: Record<string, unknown>): Promise<string> {
  return requestRun(server.bus, dag(tasks), {}, async (projectId) => {
    for (const [name, value] of Object.entries(secrets)) await set(projectId, name, value)
  })
}

async function set(projectId: ProjectId, name: string, value: string): Promise<void> {
  const { command, beside } = setSecret(projectId, { name, value }, encryption, new Date())
  await done(server.bus, { ...command, beside }, projectId)
}

async function outputOf(run: string, task = 't'): Promise<string> {
  const instance = (await scene.instances(run))[task]
  const chunks = await chunksOf(scene.db.owner, instance?.id as string)
  return Buffer.concat(chunks.map(({ bytes }) => bytes)).toString()
}

/** Every row of every table, as text. */
async function everything(): Promise<string> {
  const tables = await scene.db.owner.query<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace",
  )
  const rows = await Promise.all(tables.map(({ name }) => scene.db.owner.query(`SELECT t::text AS row FROM ${name} t`)))
  return JSON.stringify(rows)
}

it('a task has the value, to the letter, and it is masked wherever it is kept', async () => {
  const env = { PGPASSWORD: { secret: 'pg' }, PLAIN: 'seen' }
  const run = await runWith(
    { pg: VALUE },
    {
      t: {
        run: 'printf %s "$PGPASSWORD" > got; printf "%s[%s]" "$PLAIN" "$PGPASSWORD"; printf %s "$PGPASSWORD" >&2; echo "{\\"a\\": \\"$(echo s3)cret-4711\\"}" > "$DAGBOOK_OUTPUT"',
        env: { ...env, OTHER: { secret: 'pg' } },
      },
    },
  )
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  expect(await readFile(path.join(scene.dir, 'got'), 'utf8')).toBe(VALUE)
  expect(await outputOf(run)).toMatch(/^(seen\[\*\*\*\]\*\*\*|\*\*\*seen\[\*\*\*\])$/)
  expect(await scene.db.owner.query('SELECT * FROM attempt_secret')).toEqual([])
  const all = await everything()
  expect(all).not.toContain('second line')
  expect(all).not.toContain(Buffer.from('second line').toString('hex'))
})

it('an output that holds the value is kept without it', async () => {
  const run = await runWith(
    { token: 'tok-31415' },
    { t: { run: 'echo "{\\"is\\": \\"<$T>\\"}" > "$DAGBOOK_OUTPUT"', env: { T: { secret: 'token' } } } },
  )
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  const [row] = await scene.db.owner.query<{ output: unknown }>('SELECT output FROM instance WHERE run_id = $1', [run])
  expect(row?.output).toEqual({ is: '<***>' })
  expect(JSON.stringify(await scene.events(run))).not.toContain('31415')
})

it('cut anywhere by the collector, it is masked; what is nearly it is not', async () => {
  const run = await runWith(
    { pg: 'abcdefgh' },
    { t: { run: 'printf abcd; sleep 0.7; printf efgh-abcdefg; sleep 0.7; printf X', env: { P: { secret: 'pg' } } } },
  )
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  expect(await outputOf(run)).toBe('***-abcdefgX')
})

it('no list of processes shows it, not even at the start', async () => {
  const value = 'seen-by-nobody-2718'
  const watch = path.join(scene.dir, 'watch')
  await writeFile(watch, '')
  const look = `while [ -e watch ]; do grep -la ${value.slice(0, 8)}'[n]obody' /proc/[0-9]*/cmdline >> seen 2> /dev/null; done; wc -c < seen`
  const run = await runWith(
    { pg: value },
    {
      watcher: { run: `touch seen; ${look}` },
      ...Object.fromEntries(
        Array.from({ length: 20 }, (_, n) => [`t${n}`, { run: 'test -n "$P"', env: { P: { secret: 'pg' } } }]),
      ),
      last: { needs: Array.from({ length: 20 }, (_, n) => `t${n}`), run: 'rm watch' },
    },
  )
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  expect((await outputOf(run, 'watcher')).trim()).toBe('0')
})

it('a task without its secret fails and says which; the value that it finds is that of its dispatch', async () => {
  const run = await runWith({}, { t: { run: 'true', env: { P: { secret: 'gone' } } } })
  expect(await scene.ended(run)).toBe('FAILED')
  const ended = (await scene.events(run)).find(({ type }) => type === 'InstanceErrored')
  expect(ended?.data).toMatchObject({ errorMessage: 'Its project has no secret gone' })
})

it('who takes an attempt over masks what it was given, though the secret is another by then', async () => {
  const other = await scene.server()
  const run = await runWith(
    { pg: 'the-old-value' },
    {
      t: { run: 'printf "1:$P "; while [ ! -e go ]; do sleep 0.1; done; printf "2:$P"', env: { P: { secret: 'pg' } } },
    },
  )
  await until('its first output', async () => (await outputOf(run)).includes('1:'), 60_000)
  const [{ project_id: projectId } = { project_id: '' }] = await scene.db.owner.query<{ project_id: string }>(
    'SELECT project_id FROM run WHERE id = $1',
    [run],
  )
  await set(projectId as ProjectId, 'pg', 'the-new-value')
  const gone = deleteSecret(projectId as ProjectId, 'pg')
  await done(server.bus, { ...gone.command, beside: gone.beside }, projectId)
  await server.stop(0)
  await scene.expire(server.node)
  other.dispatch()
  await writeFile(path.join(scene.dir, 'go'), '')
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  expect(await outputOf(run)).toBe('1:*** 2:***')
})
