import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { person, server, signedIn } from '../helpers/signed-in.js'

signedIn('file')

beforeAll(async () => {
  await writeFile(join(person.folder, 'task.yaml'), 'run: echo hello\n')
  await writeFile(
    join(person.folder, 'load.yaml'),
    'name: load\nengine: shell\ndefinition: { run: load }\nparametersSchema: {}\n',
  )
  await writeFile(
    join(person.folder, 'cobol.yaml'),
    'name: load\nengine: cobol\ndefinition: {}\nparametersSchema: {}\n',
  )
  await writeFile(join(person.folder, 'jobs.crontab'), '* * * * * /bin/one\nMAILTO=me\n* * * * * two\n')
})

test('a template runs with parameters as its schema has them, in the version that was asked for or is the latest', async () => {
  const { code, stdout } = await person.enters([
    ...['task', 'run', 'examples', '--template', 'load', '--param', 'count=3', '--param', 'day=2026', '--json'],
  ])
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { run: { kind: 'TASK', name: 'load' } }])
  const run = [...server.work.runs.values()].at(-1)
  expect(run).toMatchObject({ template: 'load', templateVersion: 2, parameters: { count: 3, day: '2026' } })
  expect(await person.enters(['task', 'run', 'examples', '--template', 'load@7'])).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('Template load@7: does not exist'),
  })
})

test('a task of a file runs under a name, and only one of the two may be given', async () => {
  expect(await person.enters(['task', 'run', 'examples', '-f', 'task.yaml', '--name', 'say it'])).toMatchObject({
    code: 0,
  })
  expect([...server.work.runs.values()].at(-1)).toMatchObject({ name: 'say it', task: { run: 'echo hello' } })
  for (const wrong of [[], ['-f', 'task.yaml', '--template', 'load'], ['--template', 'load@x']]) {
    expect(await person.enters(['task', 'run', 'examples', ...wrong])).toMatchObject({ code: 2 })
  }
})

test('a template is published from a file, or refused with what is wrong', async () => {
  expect(await person.enters(['template', 'publish', 'load.yaml'])).toMatchObject({ code: 0, stdout: 'load@2\n' })
  expect(await person.enters(['template', 'publish', 'cobol.yaml'])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('(INVALID at engine)'),
  })
  expect((await person.enters(['template', 'list'])).stdout).toContain('load@2')
})

test('an import shows DAG files and says what was lost, or publishes each', async () => {
  const shown = await person.enters(['import', 'crontab', 'jobs.crontab', '--timezone', 'UTC', '--dry-run'])
  expect(shown.code).toBe(0)
  expect(shown.stdout.split('\n---\n')).toHaveLength(2)
  expect(shown.stderr).toBe(
    'jobs.crontab:2: warning: MAILTO: output is kept with each run, and mailed to nobody\njobs.crontab: lost: mail of output\n',
  )
  const before = server.definitions.published.length
  const done = await person.enters([
    'import',
    'crontab',
    'jobs.crontab',
    '--timezone',
    'UTC',
    '--project',
    'examples',
    '--json',
  ])
  expect([done.code, JSON.parse(done.stdout)]).toMatchObject([0, { published: [{ name: 'one' }, { name: 'two' }] }])
  expect(server.definitions.published.slice(before).map((source) => source.split('\n')[0])).toEqual([
    'name: one',
    'name: two',
  ])
  expect(await person.enters(['import', 'crontab', 'jobs.crontab'])).toMatchObject({ code: 2 })
})
