import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const PROJECT = path.resolve(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(path.join(PROJECT, file), 'utf8')

interface Guard {
  readonly keeps: string
  readonly file: string
  readonly edits: readonly (readonly [string, string])[]
  readonly test: string
  readonly name: string
}

const { GUARDS } = (await import(path.join(PROJECT, 'test/guards/guards.mjs'))) as { GUARDS: readonly Guard[] }

/** The test file and those of its folder, which may hold what several have in common. */
function testsOf(test: string): string {
  const folder = path.dirname(test)
  const names = readdirSync(path.join(PROJECT, folder)).filter((name) => name.endsWith('.ts'))
  expect(names.some((name) => `${folder}/${name}`.startsWith(`${test}.`))).toBe(true)
  return names.map((name) => read(`${folder}/${name}`)).join('\n')
}

it.each(GUARDS)('$keeps: the lines are there, and so is the test', ({ file, edits, test, name }) => {
  const source = read(file)
  for (const [from, to] of edits) {
    expect(source.split(from)).toHaveLength(2)
    expect(from).not.toBe(to)
  }
  expect(testsOf(test)).toContain(name)
})
