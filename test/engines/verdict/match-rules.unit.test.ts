import { linearPattern } from '../../../src/definitions/linear-pattern.js'
import type { VerdictRule } from '../../../src/domain/dag/verdict.js'
import { matchRules } from '../../../src/engines/verdict/match-rules.js'

const rules: VerdictRule[] = [
  { pattern: '^FAILED', verdict: 'FAIL' },
  { pattern: 'Traceback', stream: 'STDERR', verdict: 'FAIL' },
  { pattern: '^\\d+ passed$', verdict: 'PASS' },
]
const match = (STDOUT: string, STDERR = '', given = rules) => matchRules(given, { STDOUT, STDERR }, linearPattern)

it('the first rule that is found decides, not the first line', async () => {
  expect(await match('12 passed\nFAILED one\n')).toBe('FAIL')
  expect(await match('warming up\n12 passed\n')).toBe('PASS')
})

it('a rule for one stream does not look at the other', async () => {
  expect(await match('Traceback\n3 passed')).toBe('PASS')
  expect(await match('3 passed', 'Traceback (most recent call last)')).toBe('FAIL')
})

it('a pattern belongs to one line, also where the text was cut into pieces and lines end as on Windows', async () => {
  expect(await match('12\n passed\n')).toBeNull()
  for (const before of [16_380, 16_384, 16_390]) {
    expect(await match(`${'x'.repeat(before - 1)}\n12 passed\r\nmore`)).toBe('PASS')
  }
})

it('nothing is found in nothing', async () => {
  expect(await match('')).toBeNull()
  expect(await match('', '', [{ pattern: '', verdict: 'PASS' }])).toBeNull()
})
