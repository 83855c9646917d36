import { readdirSync, readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { problemsOf } from './problems-of.js'

const FOLDER = 'clients/cli/test/imports/fixtures'
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.expected.yaml'))

it.each(FILES)('what importers make is a DAG file: %s', (file) => {
  const { definitions } = parse(readFileSync(`${FOLDER}/${file}`, 'utf8'))
  expect(definitions.length).toBeGreaterThan(1)
  for (const definition of definitions) expect(problemsOf(stringify(definition))).toEqual([])
})
