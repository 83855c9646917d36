import fc from 'fast-check'
import { readJunit } from '../../../src/engines/verdict/read-junit.js'

const suite = (cases: string, attributes = '') => `<?xml version="1.0"?>\n<testsuite ${attributes}>${cases}</testsuite>`

it.each([
  [
    'cases that passed',
    suite('<testcase name="a"/><testcase name="b"><system-out>fine</system-out></testcase>'),
    'PASS',
  ],
  ['one that failed among others', suite('<testcase name="a"/><testcase name="b"><failure/></testcase>'), 'FAIL'],
  ['an error', suite('<testcase><error message="x">at y &amp; z</error></testcase>'), 'FAIL'],
  ['a skip beside a pass', suite('<testcase><skipped/></testcase><testcase/>'), 'PASS'],
  ['nothing but skips', suite('<testcase><skipped/></testcase>'), 'UNKNOWN'],
  ['no case at all', suite(''), 'UNKNOWN'],
  ['a suite that counts an error of its own', suite('<testcase/>', 'errors="1"'), 'FAIL'],
  [
    'suites in suites',
    `<testsuites>${suite(suite('<testcase><failure/></testcase>').slice(22)).slice(22)}</testsuites>`,
    'FAIL',
  ],
  ['a name that only looks like a failure', suite('<testcase name="&lt;failure/&gt;"/>'), 'PASS'],
  ['a failure that is text', suite('<testcase><system-out><![CDATA[<failure/>]]></system-out></testcase>'), 'PASS'],
])('a report of %s comes to its verdict', async (_, text, verdict) => {
  expect(await readJunit(text)).toBe(verdict)
})

it.each([
  ['no XML', 'it went well', /^is no XML \(1:\d+\)$/],
  ['cut off', '<testsuite><testcase name="secret"', /^is no XML \(1:\d+\)$/],
  ['another document', '<html><body/></html>', /^is no JUnit report$/],
  ['entities that would grow', '<!DOCTYPE x [<!ENTITY a "aa">]><testsuite>&a;</testsuite>', /^is no XML/],
  ['nesting without end', '<testsuite>'.repeat(200_000), /^has more than 100 elements inside each other$/],
  ['nothing', '', /^is no XML/],
])('%s is told without a word of it', async (_, text, message) => {
  await expect(readJunit(text)).rejects.toMatchObject({
    code: 'INVALID_REPORT',
    message: expect.stringMatching(message),
  })
})

it('whatever the bytes, there is a verdict or a reason', async () => {
  const piece = fc.constantFrom(
    '<testsuite>',
    '</testsuite>',
    '<testcase>',
    '</testcase>',
    '<failure/>',
    '<skipped/>',
    '&',
    ']]>',
    '<!--',
    'x',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
      const verdict = await readJunit(pieces.join('')).catch((error: { code?: string }) => error.code)
      expect(['PASS', 'FAIL', 'UNKNOWN', 'INVALID_REPORT']).toContain(verdict)
    }),
  )
})
