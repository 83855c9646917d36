import fc from 'fast-check'
import { checkDefinition } from '../../src/definitions/check-definition.js'
import { MAX_SOURCE_BYTES } from '../../src/definitions/limits.js'

/** Generous: each takes under a second alone; without its bound it takes minutes, or the process. */
const BOUND_MS = 60_000

function firstProblem(source: string): string {
  const start = performance.now()
  const { definition, problems } = checkDefinition(source)
  expect(performance.now() - start).toBeLessThan(BOUND_MS)
  expect(definition).toBeNull()
  const { code, message, line } = problems[0] ?? { code: null, message: null, line: null }
  return `${code} ${message} (${line})`
}

describe('a hostile source is answered, not suffered', () => {
  it.each([
    [
      'more than 10 MB',
      () => ' '.repeat(MAX_SOURCE_BYTES + 1),
      'TOO_LARGE The file must be at most 10000000 bytes, not 10000001 (null)',
    ],
    [
      'a million brackets',
      () => `a: ${'['.repeat(1e6)}`,
      'TOO_LARGE The file nests mappings and lists more than 64 deep (1)',
    ],
    [
      'a million braces of JSON',
      () => '{"a":'.repeat(1e6),
      'TOO_LARGE The file nests mappings and lists more than 64 deep (1)',
    ],
    [
      'a million dashes on a line',
      () => '- '.repeat(1e6),
      'TOO_LARGE The file nests mappings and lists more than 64 deep (1)',
    ],
    ['a billion laughs', laughs, 'TOO_LARGE The file has more than 1000000 values (1)'],
    [
      'a long text, often',
      () => `a: &a "${'x'.repeat(1e6)}"\nb: [${'*a,'.repeat(100)}]`,
      'TOO_LARGE The file has more than 20000000 characters of text (1)',
    ],
    ['an alias of aliases, nested', nestedAliases, 'TOO_LARGE The file nests more than 64 deep (1)'],
    [
      'a million keys',
      () => 'a:\n'.repeat(1e6),
      'TOO_LARGE The file must have at most 1000000 lines, not 1000001 (null)',
    ],
    [
      'a million keys on a line',
      () => `{${'a:,'.repeat(1e6)}}`,
      'TOO_LARGE The file has more than 2000000 elements of YAML (null)',
    ],
    [
      'ten million line breaks',
      () => '\n'.repeat(9.9e6),
      'TOO_LARGE The file must have at most 1000000 lines, not 9900001 (null)',
    ],
    [
      'five million bad escapes',
      () => `a: "${'\\q'.repeat(4.9e6)}"`,
      'INVALID The file is not valid YAML: Invalid escape sequence \\q (1)',
    ],
    [
      'a million closing brackets',
      () => `a: [${'} '.repeat(6e5)}]`,
      'INVALID The file is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ] (1)',
    ],
    [
      'too many tasks',
      () => `name: x\ntasks:\n${Array.from({ length: 10_001 }, (_, n) => ` t${n}: { noop: {} }\n`).join('')}`,
      'TOO_LARGE The file has 10001 tasks; at most 10000 are accepted (null)',
    ],
    [
      'too many needs',
      () => `name: x\ntasks: { a: { noop: {}, needs: [${'b,'.repeat(100_001)}] } }`,
      'TOO_LARGE The file has more than 100000 needs (null)',
    ],
  ])('%s', (_, source, problem) => {
    expect(firstProblem(source())).toBe(problem)
  })

  it('50,000 times the same key in one mapping', () => {
    expect(firstProblem(`name: x\nrun: y\nenv: { ${'A: 1, '.repeat(50_000)} }`)).toMatch(
      /^INVALID env.A is given twice/,
    )
  })
})

describe('any text', () => {
  const words = fc.constantFrom(
    'name: x\n',
    'tasks:\n',
    '  a:\n',
    '    run: y\n',
    'needs: ',
    '[a',
    ']',
    '{',
    '}',
    '&a ',
    '*a',
    '|\n',
    '"',
    "'",
    '? ',
    ': ',
    '- ',
    '#',
    '---\n',
    '%YAML 1.2\n',
    '!x ',
    '<<: ',
    '\t',
    '\0',
    '\ud800',
    '\u2028',
    'if: 1 +',
    '$value',
    '__proto__: 1\n',
  )

  it('is answered with a definition or with problems that have a place', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 200 }),
          fc.array(words, { maxLength: 40 }).map((parts) => parts.join('')),
        ),
        (source) => {
          const { definition, problems } = checkDefinition(source)
          expect(definition === null).toBe(problems.length > 0)
          const lines = source.split('\n')
          for (const { line, column, message } of problems) {
            expect(message).not.toBe('')
            if (line === null || column === null) continue
            expect(line).toBeLessThanOrEqual(lines.length)
            expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1)
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('that is any JSON is answered too', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 6 }),
        fc.constantFrom('tasks', 'parameters', 'http', 'env', 'retry', 'needs', 'a'),
        (json, key) => {
          const { definition, problems } = checkDefinition(JSON.stringify({ name: 'x', run: 'y', [key]: json }))
          expect(definition === null).toBe(problems.length > 0)
          checkDefinition(JSON.stringify({ name: 'x', tasks: { a: { run: 'y', [key]: json } } }))
        },
      ),
      { numRuns: 200 },
    )
  })
})

/** Twelve lists of nine times the one before: 9^13 values. */
function laughs(): string {
  const lists = 'bcdefghijklm'.split('').map((name, n) => {
    const before = 'abcdefghijklm'[n]
    return `${name}: &${name} [${Array(9).fill(`*${before}`).join()}]`
  })
  return `{a: &a [x,x,x,x,x,x,x,x,x], ${lists.join(', ')}}`
}

function nestedAliases(): string {
  const lines = Array.from({ length: 80 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, [*a0]]`)
  return `a0: &a0 [x]\n${lines.join('\n')}`
}
