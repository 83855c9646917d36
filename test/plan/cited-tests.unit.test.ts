import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const PROJECT = path.resolve(import.meta.dirname, '../..')
const DECISIONS = path.join(PROJECT, 'docs/decisions')
const ROOMS = readdirSync(path.join(PROJECT, 'test'))

/** `history/append` ("versions without a hole"): a test file of a room, and what it says there. */
const CITATION = /`([\w-]+)\/([\w/-]+)`(?: \(([^)]*)\))?/g

interface Citation {
  readonly decision: string
  readonly file: string
  readonly words: readonly string[]
}

function citations(): Citation[] {
  return readdirSync(DECISIONS).flatMap((decision) => {
    const text = readFileSync(path.join(DECISIONS, decision), 'utf8').replaceAll(/\s+/g, ' ')
    const shown = text.matchAll(/Shown by (.*?)(?=\. [A-Z*]|\.$|\. \d+\. \*)/g)
    return Array.from(shown, ([, list = '']) =>
      Array.from(list.matchAll(CITATION), ([, room = '', name = '', words = '']) => ({
        decision,
        file: `${room}/${name}`,
        words: Array.from(words.matchAll(/"([^"]+)"/g), ([, each = '']) => each),
      })),
    )
      .flat()
      .filter(({ file }) => ROOMS.includes(file.split('/')[0] as string))
  })
}

const CITED = citations()

function sourceOf(file: string): string {
  const folder = path.join(PROJECT, 'test', path.dirname(file))
  const names = readdirSync(folder).filter((name) => name.startsWith(`${path.basename(file)}.`))
  return names.map((name) => readFileSync(path.join(folder, name), 'utf8')).join('\n')
}

it('decisions cite tests', () => {
  expect(CITED.length).toBeGreaterThan(30)
})

it.each(CITED)('$decision: $file is there and says $words', ({ file, words }) => {
  const source = sourceOf(file)
  expect(source).not.toBe('')
  for (const each of words) expect(source).toContain(each)
})
