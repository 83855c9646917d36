import type { ProcessAction } from '../../../src/domain/dag/action.js'
import { scriptOf } from '../../../src/domain/dag/script.js'

const script = (command: string, more: Partial<ProcessAction> = {}) =>
  scriptOf({ engine: 'script', command, arguments: [], interpreter: null, directory: null, environment: {}, ...more })

it.each([
  ['checks/quality.py', 'quality.py', 'checks'],
  ['/opt/suite/login/a.sh', 'a.sh', '/opt/suite/login'],
  ['a.sh', 'a.sh', null],
  ['./a.sh', 'a.sh', null],
  ['././b/a.sh', 'a.sh', 'b'],
  ['/a.sh', 'a.sh', null],
])('the script %s is called %s, its module is %s', (path, name, module) => {
  expect(script(path)).toEqual({ path, name, module })
})

it('a module that was given goes before the folder, and what is no script is none', () => {
  expect(script('checks/a.sh', { module: 'login' })?.module).toBe('login')
  expect(script('echo', { engine: 'shell' })).toBeNull()
  expect(scriptOf({ engine: 'noop' })).toBeNull()
})
