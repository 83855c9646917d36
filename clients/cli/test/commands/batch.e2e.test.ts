import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fake } from '../helpers/fake-journal.js'
import { person, server, signedIn } from '../helpers/signed-in.js'

signedIn('file')

beforeAll(async () => {
  for (const folder of ['suite/login', 'suite/.git', 'empty'])
    await mkdir(join(person.folder, folder), { recursive: true })
  for (const file of [
    'suite/z.sh',
    'suite/a.py',
    'suite/notes.md',
    'suite/login/b.mjs',
    'suite/.git/hook.sh',
    'suite/.x.sh',
  ]) {
    await writeFile(join(person.folder, file), '')
  }
  await writeFile(join(person.folder, 'rules.yaml'), 'rules: [{ pattern: FAILED, verdict: FAIL }]\n')
})

/** Ends the batch with these ends of its scripts. */
function endsWith(
  ...ends: readonly { status: string; verdict?: string; errorMessage?: string; stackTrace?: string }[]
): void {
  server.work.onBatch = (run: Fake) => {
    for (const [at, instance] of (run.allInstances as Fake[]).entries()) {
      Object.assign(instance, { endedAt: run.createdAt, durationSeconds: 2 }, ends[at] ?? { status: 'SUCCEEDED' })
    }
    const isBad = ends.some(({ status }) => status === 'FAILED')
    Object.assign(run, { status: isBad ? 'FAILED' : 'SUCCEEDED', endedAt: run.createdAt, durationSeconds: 3 })
  }
}

function scriptsOf(): string[] {
  const { scripts } = [...server.work.runs.values()].at(-1) as { scripts: { path: string }[] }
  return scripts.map(({ path }) => path)
}

test('a folder stands for the scripts below it, sorted; a file for itself, also where it is only on the machine', async () => {
  endsWith()
  const { code, stdout } = await person.enters(['batch', 'run', 'suite', '/srv/only-there', '--project', 'examples'])
  expect([code, scriptsOf()]).toEqual([0, ['suite/a.py', 'suite/login/b.mjs', 'suite/z.sh', '/srv/only-there']])
  expect(stdout).toMatch(/MODULE +SCRIPTS +SUCCEEDED +FAILED +SKIPPED +PASS +FAIL +TIME\nsuite +4 +4 +0/)
  await person.enters(['batch', 'run', 'suite/z.sh', '--project', 'examples', '--absolute'])
  expect(scriptsOf()).toEqual([expect.stringMatching(/^\/.*\/suite\/z\.sh$/)])
  expect(await person.enters(['batch', 'run', 'empty', '--project', 'examples'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('has no scripts'),
  })
})

test('what is asked for reaches the server by its names', async () => {
  endsWith()
  const { code } = await person.enters([
    ...[
      'batch',
      'run',
      'suite',
      '--project',
      'examples',
      '--name',
      'nightly',
      '--mode',
      'sequential',
      '--stop-on-failure',
    ],
    ...[
      '--queue',
      'default',
      '--module',
      'm',
      '--timeout',
      '5',
      '--verdict-rules',
      'rules.yaml',
      '--interpreter',
      'sh',
    ],
  ])
  expect(code).toBe(0)
  expect([...server.work.runs.values()].at(-1)).toMatchObject({
    ...{ name: 'nightly', mode: 'SEQUENTIAL', stopOnFailure: true, queueId: 'queue_default' },
    verdictRules: { rules: [{ pattern: 'FAILED', verdict: 'FAIL' }] },
    scripts: [{ path: 'suite/a.py', module: 'm', timeoutSeconds: 5, interpreter: 'sh' }, {}, {}],
  })
  expect(await person.enters(['batch', 'run', 'suite', '--project', 'examples', '--queue', 'none'])).toMatchObject({
    code: 5,
  })
})

test('a failure, or a verdict of FAIL, is exit code 1, and both are named', async () => {
  endsWith({ status: 'SUCCEEDED', verdict: 'FAIL' })
  const judged = await person.enters(['batch', 'run', 'suite', '--project', 'examples'])
  expect([judged.code, judged.stdout]).toEqual([1, expect.stringContaining('suite/a.py: SUCCEEDED, verdict FAIL')])
  endsWith({ status: 'FAILED', errorMessage: 'Exited with code 3' })
  const failed = await person.enters(['batch', 'run', 'suite', '--project', 'examples', '--json'])
  expect(failed.code).toBe(1)
  expect(JSON.parse(failed.stdout)).toMatchObject({
    run: { kind: 'BATCH', status: 'FAILED' },
    scripts: [{ taskKey: 's1', status: 'FAILED', errorMessage: 'Exited with code 3' }, {}, {}],
  })
})

test('--detach leaves the run alone; a report of it is written later, or at once', async () => {
  endsWith({ status: 'FAILED', errorMessage: 'Exited with code 3', stackTrace: 'Traceback: <here>' })
  const { code, stdout } = await person.enters(['batch', 'run', 'suite', '--project', 'examples', '--detach'])
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^run_\d+\n$/)])
  const shown = await person.enters(['batch', 'report', stdout.trim(), '--junit', '-'])
  expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining('Traceback: &lt;here&gt;</failure>')])
  await person.enters(['batch', 'run', 'suite', '--project', 'examples', '--junit', 'report.xml'])
  expect(await readFile(join(person.folder, 'report.xml'), 'utf8')).toBe(shown.stdout)
  expect(await person.enters(['batch', 'report', stdout.trim(), '--junit', 'no/such/report.xml'])).toMatchObject({
    code: 2,
  })
})
