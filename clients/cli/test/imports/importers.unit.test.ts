import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { parse } from 'yaml'
import { sourceOf } from '../../src/commands/import-format.js'
import { importAirflow } from '../../src/imports/airflow.js'
import { importCrontab } from '../../src/imports/crontab.js'
import type { ImportResult } from '../../src/imports/imported.js'
import { Notes } from '../../src/imports/imported.js'
import { cronOfQuartz } from '../../src/imports/quartz.js'
import { importRundeck } from '../../src/imports/rundeck.js'

const text = (file: string) => readFileSync(new URL(`./fixtures/${file}`, import.meta.url), 'utf8')
const USER = { isSystem: false, timezone: null, machine: null }

const CASES: readonly (readonly [string, string, (text: string) => ImportResult])[] = [
  ['user.crontab', 'user', (given) => importCrontab(given, USER)],
  [
    'system.crontab',
    'system',
    (given) => importCrontab(given, { isSystem: true, timezone: 'America/New_York', machine: 'web-1' }),
  ],
  ['rundeck.yaml', 'rundeck', importRundeck],
  ['airflow.yaml', 'airflow', importAirflow],
]

describe.each(CASES)('%s', (file, name, importer) => {
  const result = importer(text(file))

  it('becomes what was written down by hand', () => {
    const { definitions, warnings, lost } = parse(text(`${name}.expected.yaml`))
    expect(result.definitions).toEqual(definitions)
    expect(result.warnings).toEqual(warnings)
    expect(result.lost).toEqual(lost)
  })

  it('reads back as it was written', () => {
    for (const definition of result.definitions) expect(parse(sourceOf(definition))).toEqual(definition)
  })
})

it('a crontab without CRON_TZ says that its times are taken as UTC, a user without a machine that it is lost', () => {
  const { definitions, warnings, lost } = importCrontab('* * * * * root true\n', { ...USER, isSystem: true })
  expect(definitions[0]?.schedule).toMatchObject({ timezone: 'UTC' })
  expect(warnings.map(({ code, line }) => [code, line])).toEqual([
    ['CHANGED', 1],
    ['LOST', 1],
  ])
  expect(lost).toEqual(['users'])
})

it.each([
  ['0 30 */6 ? Jan Mon *', '30 */6 * Jan Mon'],
  ['0 0 12 ? * 2-6', '0 12 * * 1-5'],
  ['0 15 10 ? * 6L', '15 10 * * 5L'],
  ['0 15 10 ? * 6#3 *', '15 10 * * 5#3'],
  ['0 0 0 L * ?', '0 0 L * *'],
  ['*/10 0 0 1,15 * ?', '*/10 0 0 1,15 * *'],
  ['0 0 0 ? * 1,7', '0 0 * * 0,6'],
  ['0 0 0 15W * ?', null],
  ['0 0 0', null],
])('Quartz %s is cron %s', (quartz, cron) => {
  expect(cronOfQuartz(quartz, 1, new Notes())).toBe(cron)
})

it.each([
  [importRundeck, '- run: x\n', 'line 1 must be a job'],
  [importRundeck, '[]', 'given none'],
  [importRundeck, '- name: a\n', 'needs sequence.commands'],
  [importRundeck, 'a: [\n', 'line 2 is not valid YAML'],
  [importAirflow, '- a', 'must be a mapping of DAGs'],
  [importAirflow, 'default: {}', 'given none'],
  [importAirflow, 'a:\n  b: 1\n', 'line 1: a must be a DAG'],
  [importAirflow, 'a:\n  tasks:\n    - operator: x\n', 'line 3 must be a task'],
])('what is none is refused: %p %j', (importer, given, message) => {
  expect(() => importer(given)).toThrow(message)
})

it('any text is a crontab or lines that are skipped, and says the same twice', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom('* * * * * x', 'A=b', '@daily a%b', '# c', 'CRON_TZ=UTC', '5 * * 1 2 a b', '@reboot x', '"x y"=z'),
  )
  fc.assert(
    fc.property(fc.array(line), fc.boolean(), (lines, isSystem) => {
      const given = lines.join('\n')
      const result = importCrontab(given, { ...USER, isSystem })
      expect(importCrontab(given, { ...USER, isSystem })).toEqual(result)
      expect(new Set(result.definitions.map(({ name }) => name)).size).toBe(result.definitions.length)
      for (const { name } of result.definitions) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9._-]{0,99}$/)
    }),
  )
})
