import { readFileSync } from 'node:fs'
import { importWfFormat } from '../../src/wfformat/import-wf-format.js'

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/${name}.wfformat.json`, import.meta.url), 'utf8')

const workflow = (tasks: readonly object[], executed?: readonly object[]): string =>
  JSON.stringify({
    name: 'w',
    schemaVersion: '1.5',
    workflow: { specification: { tasks }, ...(executed === undefined ? {} : { execution: { tasks: executed } }) },
  })

const task = (id: string, parents: readonly string[] = [], children: readonly string[] = []): object => ({
  id,
  name: id,
  parents,
  children,
})

describe('a workflow of version 1.5', () => {
  const { definition, warnings } = importWfFormat(fixture('small'), { scale: 0.001 })

  test('becomes a DAG of the same shape with scaled sleeps', () => {
    expect(definition).toEqual({
      name: 'small_workflow',
      description: 'Two readers, one join',
      tasks: {
        read_1: { name: 'read.1', run: 'sleep 0.809301' },
        'read-1': { run: 'sleep 0' },
        join: { needs: ['read_1', 'read-1'], run: 'sleep 0.012' },
      },
    })
  })

  test('names what was renamed, with the line of the task', () => {
    expect(warnings).toContainEqual({
      code: 'RENAMED',
      message: "Task read.1: does not fit a task's key and became read_1",
      line: 9,
    })
    expect(warnings).toContainEqual(expect.objectContaining({ code: 'RENAMED', line: null }))
  })

  test('names what was lost', () => {
    const lost = warnings.filter(({ code }) => code === 'LOST').map(({ message }) => message)
    for (const word of ['commands', 'memory', 'energy', 'machines', '1 files', 'author', 'names of 2']) {
      expect(lost.join('\n')).toContain(word)
    }
  })

  test('requests no cpu and no memory', () => {
    expect(JSON.stringify(definition)).not.toContain('resources')
  })
})

test('at scale 0 every task does nothing', () => {
  const { definition } = importWfFormat(fixture('small'), { scale: 0 })
  expect(Object.values(definition.tasks).map(({ run }) => run)).toEqual([':', ':', ':'])
})

test('a sleep is never written with an exponent', () => {
  const text = workflow(
    [task('long'), task('short')],
    [
      { id: 'long', runtimeInSeconds: 1e14 },
      { id: 'short', runtimeInSeconds: 1e-7 },
    ],
  )
  const { tasks } = importWfFormat(text, { scale: 1 }).definition
  expect([tasks.long?.run, tasks.short?.run]).toEqual(['sleep 100000000000000', 'sleep 0.0000001'])
})

test('the older layout refers to tasks by name', () => {
  const { definition } = importWfFormat(fixture('old-layout'), { scale: 1 })
  expect(definition.tasks).toEqual({ ID1: { run: 'sleep 2' }, ID2: { needs: ['ID1'], run: 'sleep 1' } })
})

test('edges that only children record become needs, with a warning', () => {
  const { definition, warnings } = importWfFormat(workflow([task('a', [], ['b']), { id: 'b' }]), { scale: 1 })
  expect(definition.tasks.b?.needs).toEqual(['a'])
  expect(warnings.map(({ code }) => code)).toContain('EDGE_DERIVED')
})

test('references to nobody and to oneself are dropped with a warning each', () => {
  const { definition, warnings } = importWfFormat(workflow([task('a', ['ghost', 'a'])]), { scale: 1 })
  expect(definition.tasks.a).toEqual({ run: 'sleep 0' })
  expect(warnings.filter(({ code }) => code === 'REFERENCE_DROPPED')).toHaveLength(2)
})

test('a task without a runtime, or with a negative one, takes no time and is warned of', () => {
  const text = workflow(
    [task('a'), task('b'), task('c')],
    [
      { id: 'b', runtimeInSeconds: -1 },
      { id: 'c', runtimeInSeconds: null },
    ],
  )
  const { definition, warnings } = importWfFormat(text, { scale: 1 })
  expect(Object.values(definition.tasks).map(({ run }) => run)).toEqual(['sleep 0', 'sleep 0', 'sleep 0'])
  expect(warnings.filter(({ code }) => code === 'RUNTIME_MISSING')).toHaveLength(3)
})

test('a task that comes twice is one, with the parents of both', () => {
  const text = workflow([task('a'), task('b'), task('c', ['a']), task('c', ['b'])])
  const { definition, warnings } = importWfFormat(text, { scale: 0 })
  expect(definition.tasks.c?.needs).toEqual(['a', 'b'])
  expect(warnings.map(({ code }) => code)).toContain('TASK_MERGED')
})

test('a task called __proto__ is a task like any other', () => {
  const text = workflow([task('a'), task('__proto__', ['a'])])
  const { tasks } = importWfFormat(text, { scale: 0 }).definition
  expect(Object.keys(tasks)).toEqual(['a', '__proto___2'])
  expect(JSON.parse(JSON.stringify(tasks))).toEqual(tasks)
})

test('a cycle is refused, its tasks in order', () => {
  const text = workflow([task('a', ['c']), task('b', ['a']), task('c', ['b']), task('d', ['c'])])
  expect(() => importWfFormat(text, { scale: 1 })).toThrow(
    /no cycle, has (a -> b -> c -> a|b -> c -> a -> b|c -> a -> b -> c)$/,
  )
})

test('a byte order mark and CRLF line ends change nothing', () => {
  const text = `\uFEFF${fixture('small').replaceAll('\n', '\r\n')}`
  expect(importWfFormat(text, { scale: 0.001 })).toEqual(importWfFormat(fixture('small'), { scale: 0.001 }))
})

test.each([
  ['no JSON', '{\n "a": 1,\n}', /must be JSON \(line 3\)/],
  ['no workflow', '{ "name": "x" }', /^workflow: .*given nothing \(line 1\)/],
  ['a list', '[]', /The workflow: .*given \[\]/],
  ['no tasks', workflow([]), /workflow\.specification\.tasks: .*given \[\]/],
  [
    'parents of a wrong type',
    workflow([{ id: 'a', parents: 'b' }]),
    /tasks\[0\]\.parents: must be array, given "b" \(line 1\)/,
  ],
  ['neither id nor name', workflow([{ parents: [] }]), /must have an id or a name/],
])('%s is refused with field, rule and value', (_what, text, message) => {
  expect(() => importWfFormat(text, { scale: 1 })).toThrow(message)
})

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('scale %d is refused', (scale) => {
  expect(() => importWfFormat(fixture('small'), { scale })).toThrow('--scale')
})

test("a name of one's own has to fit", () => {
  expect(importWfFormat(fixture('small'), { scale: 1, name: 'mine' }).definition.name).toBe('mine')
  expect(() => importWfFormat(fixture('small'), { scale: 1, name: 'not mine' })).toThrow('--name')
})
