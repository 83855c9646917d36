import { candidateLine, isPlainWord } from '../../src/completion/candidate.js'

test('only plain words are offered: a name cannot become something that a shell would run', () => {
  const value = (text: string): boolean => isPlainWord({ value: text, about: null })
  for (const good of ['examples/hello', 'run_01m8', '127.0.0.1:4000', 'load[0]', '--status'])
    expect(value(good)).toBe(true)
  for (const bad of ['a b', '$(x)', '`x`', 'a;b', 'a\nb', "a'b", '']) expect(value(bad)).toBe(false)
})

test('what a candidate is stays on its line, and steers nothing', () => {
  expect(candidateLine({ value: 'a', about: 'one\ntwo\tthree\u001b[2J' })).toBe('a\tone two three\\x1b[2J')
  expect(candidateLine({ value: 'a', about: null })).toBe('a')
})
