import fc from 'fast-check'
import type { ProcessAction } from '../../src/domain/dag/action.js'
import { processSpec, textValues } from '../../src/engines/process-spec.js'
import { assignmentOf } from './assignments.js'

function action(change: Partial<ProcessAction>): ProcessAction {
  const nothing = { arguments: [], interpreter: null, directory: null, environment: {} }
  return { engine: 'shell', command: 'true', ...nothing, ...change }
}

const argv = (change: Partial<ProcessAction>) => processSpec(assignmentOf({}), action(change)).argv

describe('a command', () => {
  it('is text for sh, its arguments are words of their own', () => {
    expect(argv({ command: 'echo "$1"', arguments: ['a b; rm -rf /'] })).toEqual([
      'sh',
      '-c',
      'echo "$1"',
      'sh',
      'a b; rm -rf /',
    ])
    expect(argv({ command: 'date' })).toEqual(['sh', '-c', 'date'])
  })
})

describe('a script', () => {
  it.each([
    ['a.sh', ['sh', 'a.sh']],
    ['a.bash', ['bash', 'a.bash']],
    ['dir.py/a.py', ['python3', 'dir.py/a.py']],
    ['a.js', ['node', 'a.js']],
    ['a.mjs', ['node', 'a.mjs']],
    ['a.rb', ['ruby', 'a.rb']],
    ['a.pl', ['perl', 'a.pl']],
    ['a.R', ['Rscript', 'a.R']],
    ['a.unknown', ['./a.unknown']],
    ['bin/run', ['bin/run']],
    ['/opt/run', ['/opt/run']],
    ['run', ['./run']],
    ['-c.py', ['python3', './-c.py']],
    ['a b.py', ['python3', 'a b.py']],
  ])('%s is started as %j', (command, expected) => {
    expect(argv({ engine: 'script', command, arguments: ['x'] })).toEqual([...expected, 'x'])
  })

  it('goes by its interpreter where one is named', () => {
    expect(argv({ engine: 'script', command: 'a.py', interpreter: 'pypy3' })).toEqual(['pypy3', 'a.py'])
  })
})

describe('values', () => {
  it('never become part of what a shell reads', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const assignment = assignmentOf({
          environment: { DAGBOOK_PARAM_X: value },
          scope: { parameters: { x: value }, outputs: { before: value }, run: {} },
        })
        const spec = processSpec(assignment, action({ command: 'echo "$DAGBOOK_PARAM_X"' }))
        expect(spec.argv).toEqual(['sh', '-c', 'echo "$DAGBOOK_PARAM_X"'])
        expect(spec.environment.DAGBOOK_PARAM_X).toBe(value)
        expect(JSON.parse(spec.input)).toEqual({ parameters: { x: value }, outputs: { before: value }, run: {} })
      }),
    )
  })

  it('are text as they are, anything else as JSON', () => {
    expect(textValues({ a: 'x "y"', b: 1.5, c: true, d: null, e: ['x'], f: { g: 1 } })).toEqual({
      a: 'x "y"',
      b: '1.5',
      c: 'true',
      d: 'null',
      e: '["x"]',
      f: '{"g":1}',
    })
  })

  it('of the platform win over the task’s own of the same name', () => {
    const assignment = assignmentOf({ environment: { DAGBOOK_TASK: 'load' } })
    const { environment } = processSpec(assignment, action({ environment: { DAGBOOK_TASK: 'other', LEVEL: 3 } }))
    expect(environment).toEqual({ DAGBOOK_TASK: 'load', LEVEL: '3' })
  })
})
