import { NO_CONTEXTS } from '../../src/config/context-file.js'
import { contextName, contextNameFor } from '../../src/config/context-name.js'
import { selectContext } from '../../src/config/select-context.js'

test('a name fits the rule', () => {
  for (const good of ['prod', '127.0.0.1:4000', 'a_b-c.d']) expect(contextName(good)).toBe(good)
  for (const bad of ['', '-a', '__proto__', 'a b', 'a/b', 'x'.repeat(101)])
    expect(() => contextName(bad)).toThrow('It must')
})

test("a server's name is its host, with a number where that is taken", () => {
  expect(contextNameFor('http://[::1]:4000', {})).toMatch(/^[A-Za-z0-9]/)
  expect(contextNameFor('https://dagbook.example/x', { 'dagbook.example': {} })).toBe('dagbook.example-2')
})

test('without a file it is the default server, as nobody; names of objects are no contexts', () => {
  expect(selectContext(NO_CONTEXTS, undefined, undefined)).toEqual({
    name: undefined,
    server: 'http://127.0.0.1:4000',
    tokens: null,
  })
  expect(() => selectContext(NO_CONTEXTS, 'constructor', undefined)).toThrow('none of that name')
})
