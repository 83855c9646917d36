import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSchema } from 'graphql'

const at = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))
const schema = buildSchema(readFileSync(at('../../../../schema/schema.graphql'), 'utf8'))
const sources = readdirSync(at('../../src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(path.join(at('../../src'), file), 'utf8'))
  .join('\n')

test.each(Object.keys(schema.getMutationType()?.getFields() ?? {}))('a command sends %s', (mutation) => {
  expect(sources).toMatch(new RegExp(`\\b${mutation}\\(`))
})
