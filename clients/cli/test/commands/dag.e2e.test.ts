import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { person, server, signedIn } from '../helpers/signed-in.js'

const SMALL = fileURLToPath(new URL('../fixtures/small.wfformat.json', import.meta.url))

signedIn('file')

beforeAll(async () => {
  await writeFile(join(person.folder, 'good.yaml'), 'name: hello\ntasks:\n  a:\n    run: echo\n')
  await writeFile(join(person.folder, 'bad.yaml'), 'name: hello\ntasks:\n  a:\n    needs: [nobody]\n')
})

test('a valid file is exit code 0', async () => {
  expect(await person.enters(['dag', 'check', 'good.yaml'])).toEqual({
    code: 0,
    stdout: 'good.yaml is valid: hello, 1 task\n',
    stderr: '',
  })
})

test('problems are exit code 3, each as FILE:line:column: message, or as JSON', async () => {
  const line = 'bad.yaml:4:13: Task a: needs nobody, which is no task\n'
  expect(await person.enters(['dag', 'check', 'bad.yaml'])).toEqual({ code: 3, stdout: '', stderr: line })
  expect(await person.enters(['dag', 'publish', 'bad.yaml', '--project', 'examples'])).toEqual({
    code: 3,
    stdout: '',
    stderr: line,
  })
  const { code, stdout } = await person.enters(['dag', 'check', 'bad.yaml', '--json'])
  expect([code, JSON.parse(stdout)]).toEqual([
    3,
    expect.objectContaining({ isValid: false, problems: [expect.objectContaining({ line: 4 })] }),
  ])
})

test('a published file has its name and version; another expected version is refused', async () => {
  const publish = ['dag', 'publish', 'good.yaml', '--project', 'examples']
  expect(await person.enters([...publish, '--expected-version', '0'])).toMatchObject({
    code: 0,
    stdout: 'examples/hello version 1\n',
  })
  const refused = await person.enters([...publish, '--expected-version', '7'])
  expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('(CONFLICT at expectedVersion)') })
})

test('a source from stdin is sent as it is', async () => {
  const { code } = await person.enters(['dag', 'publish', '-', '--project', 'examples', '--json'], 'name: from-stdin\n')
  expect([code, server.definitions.published.at(-1)]).toEqual([0, 'name: from-stdin\n'])
})

test('a project, DAG or file that is missing is told apart', async () => {
  expect(await person.enters(['dag', 'publish', 'good.yaml', '--project', 'nope'])).toMatchObject({ code: 5 })
  expect(await person.enters(['run', 'start', 'examples/nope'])).toMatchObject({ code: 5 })
  expect(await person.enters(['dag', 'check', 'nope.yaml'])).toMatchObject({ code: 2 })
  expect(await person.enters(['dag', 'publish', 'good.yaml'])).toMatchObject({ code: 2 })
  expect(await person.enters(['run', 'start', 'hello'])).toMatchObject({ code: 2 })
})

test('lists are tables for people and JSON for programs', async () => {
  const { stdout } = await person.enters(['dag', 'list', '--project', 'examples'])
  expect(stdout.split('\n')[1]).toContain('examples/hello')
  expect(JSON.parse((await person.enters(['project', 'list', '--json'])).stdout)).toMatchObject({
    projects: [{ name: 'examples' }],
  })
  expect(JSON.parse((await person.enters(['dag', 'list', '--json'])).stdout)).toMatchObject({
    dags: [{ name: 'hello' }],
  })
  expect((await person.enters(['project', 'create', 'mine'])).stdout).toBe('Created project mine\n')
})

test('an import is shown without a server by --dry-run, exactly as definition and warnings', async () => {
  const nowhere = { DAGBOOK_SERVER: 'http://127.0.0.1:9' }
  const { code, stdout } = await person.enters(['import', 'wfformat', SMALL, '--dry-run', '--json'], '', nowhere)
  const result = JSON.parse(stdout) as { definition: { tasks: Record<string, { run: string }> } }
  expect([code, Object.keys(result)]).toEqual([0, ['definition', 'warnings']])
  expect(result.definition.tasks.join?.run).toBe('sleep 0.012')
})

test('an import is published as the DAG file that --dry-run shows', async () => {
  const { code, stdout, stderr } = await person.enters(['import', 'wfformat', SMALL, '--scale', '0', '--name', 'copy'])
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^examples\/hello version \d\n$/)])
  expect(stderr).toContain(`${SMALL}:9: warning: Task read.1`)
  const shown = await person.enters(['import', 'wfformat', SMALL, '--scale', '0', '--name', 'copy', '--dry-run'])
  expect(JSON.parse(server.definitions.published.at(-1) as string)).toEqual(JSON.parse(shown.stdout))
})

test('what is no workflow is exit code 3, a wrong scale 2', async () => {
  expect(await person.enters(['import', 'wfformat', 'good.yaml', '--dry-run'])).toMatchObject({ code: 3 })
  expect(await person.enters(['import', 'wfformat', SMALL, '--dry-run', '--scale', '-1'])).toMatchObject({ code: 2 })
})
