import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import fc from 'fast-check'
import { requestRun } from '../helpers/runs.js'
import type { Wiring } from '../helpers/wiring.js'
import { dag, Scene } from './scene.js'

let scene: Scene
let server: Wiring

beforeAll(async () => {
  scene = await Scene.open()
  server = await scene.server()
  server.dispatch()
  // Says what reached it by the environment and by its input.
  const echo = `
    import { readFileSync, writeFileSync } from 'node:fs'
    const input = JSON.parse(readFileSync(process.env.DAGBOOK_INPUT, 'utf8'))
    const variables = Object.entries(process.env).filter(([name]) => name.startsWith('DAGBOOK_PARAM_'))
    writeFileSync(process.env.DAGBOOK_OUTPUT, JSON.stringify({ variables: Object.fromEntries(variables), input }))`
  await writeFile(path.join(scene.dir, 'echo.mjs'), echo)
})

afterAll(() => scene.close())

const NASTY = [
  '$(touch pwned)',
  '`touch pwned`',
  '"; touch pwned; "',
  "'; touch pwned; '",
  '\\',
  `\\'"$HOME$\{IFS}`,
  '\n',
  'a\n\nb\n',
  '\r\n\t\v\f\u001b[31m',
  '-n',
  '--',
  '-c touch pwned',
  '*?[a-z]~!#&|<>(){};',
  '%s%n%d',
  'A=B',
  '__proto__',
  ' leading and trailing ',
  '\u2028\u2029\u0085\ufeff\ufffd\u202e',
  '😀'.repeat(1_000),
  '',
  'x'.repeat(100_000),
]

/** What the door lets in: no NUL, no half of a surrogate pair. */
const text = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: 'binary', maxLength: 200 }).filter((value) => !value.includes('\0')),
  fc.string({ unit: fc.constantFrom(...'\\\'"`$(){};&|\n\r\t *?~#!%=-x'), maxLength: 80 }),
)

it('values go through parameters, environment, input and output of two commands as they are', async () => {
  const script = { script: 'echo.mjs', interpreter: process.execPath }
  const source = dag({ first: script, second: { ...script, needs: ['first'] } })
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 40 }), async (values) => {
      const parameters = Object.fromEntries(values.map((value, index) => [`p-${index}`, value]))
      const run = await requestRun(server.bus, source, parameters)
      expect(await scene.ended(run)).toBe('SUCCEEDED')
      const variables = Object.fromEntries(values.map((value, index) => [`DAGBOOK_PARAM_P_${index}`, value]))
      const { first, second } = await scene.instances(run)
      expect(first!.output.variables).toEqual(variables)
      expect(first!.output.input.parameters).toEqual(parameters)
      expect(second!.output.variables).toEqual(variables)
      expect(second!.output.input.outputs.first).toEqual(first!.output)
    }),
    { numRuns: 8, examples: [[NASTY]], endOnFailure: true },
  )
})

it('a value that a command prints itself comes back by $DAGBOOK_OUTPUT', async () => {
  const lines = NASTY.filter((value) => !/\n|\r\n|\r$/.test(value))
  const parameters = Object.fromEntries(lines.map((value, index) => [`p${index}`, value]))
  const run = lines.map((_, index) => `printf 'v${index}=%s\\n' "$DAGBOOK_PARAM_P${index}"`).join('; ')
  const id = await requestRun(server.bus, dag({ t: { run: `{ ${run}; } > "$DAGBOOK_OUTPUT"` } }), parameters)
  expect(await scene.ended(id)).toBe('SUCCEEDED')
  const { t } = await scene.instances(id)
  expect(t!.output).toEqual(Object.fromEntries(lines.map((value, index) => [`v${index}`, value])))
})

it('a value that is longer than Linux takes comes by $DAGBOOK_INPUT alone', async () => {
  const script = { script: 'echo.mjs', interpreter: process.execPath }
  const parameters = { long: 'ä'.repeat(100_000), short: 'x' }
  const run = await requestRun(server.bus, dag({ t: script }), parameters)
  expect(await scene.ended(run)).toBe('SUCCEEDED')
  const { t } = await scene.instances(run)
  expect(t!.output).toMatchObject({ variables: { DAGBOOK_PARAM_SHORT: 'x' }, input: { parameters } })
  expect(t!.output.variables.DAGBOOK_PARAM_LONG).toBeUndefined()
})
