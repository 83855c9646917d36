import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { EXIT } from '../../src/exit-code.js'
import { program } from '../../src/program.js'
import { processTerminal } from '../../src/terminal.js'

const docs = readFileSync(fileURLToPath(new URL('../../../../docs/cli.md', import.meta.url)), 'utf8')

const world = { env: {}, terminal: processTerminal(process), signal: new AbortController().signal }
const root = program(world, '0.0.0', () => undefined)

/** Each command that does something, by what is typed for it. */
function commands(parent: Command, path: readonly string[] = []): [string, Command][] {
  return root
    .createHelp()
    .visibleCommands(parent)
    .filter((each) => each.name() !== 'help')
    .flatMap((each) => {
      const words = [...path, each.name()]
      return each.commands.length > 0 ? commands(each, words) : [[words.join(' '), each] as [string, Command]]
    })
}

const ALL = commands(root)
/** Its output is a script; or NDJSON in any case. */
const WITHOUT_JSON = new Set(['completion', 'audit export'])

function section(title: string): string {
  return docs.split(/^## /m).find((each) => each.startsWith(title)) ?? ''
}

test('all commands were found', () => {
  expect(ALL.length).toBeGreaterThan(30)
})

/** The rows and paragraphs before the table of documents; an option counts only where its command is. */
const PLACES = (docs.split(/^## JSON/m)[0] ?? '').split(/\n(?=\|)|\n\n/)

test.each(ALL)('%s is in docs/cli.md, and its options with it', (path, command) => {
  const about = PLACES.filter((each) => each.includes(`\`${path}`)).join('\n')
  const wanted = [`\`${path}`, ...command.options.map(({ long }) => long ?? '').filter((long) => long !== '--json')]
  expect(wanted.filter((each) => !about.includes(each))).toEqual([])
})

test.each(ALL.filter(([path]) => !WITHOUT_JSON.has(path)))(
  '%s has --json, and its document is in docs/cli.md',
  (path, command) => {
    expect(command.options.map(({ long }) => long)).toContain('--json')
    expect(section('JSON')).toContain(`\`${path}`)
  },
)

test('the table of exit codes has each code once, and no other', () => {
  const documented = [...section('Exit codes').matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code))
  expect(documented).toEqual([...new Set(Object.values(EXIT))].sort((one, other) => one - other))
})

test('every variable that is read is in docs/cli.md', () => {
  const src = fileURLToPath(new URL('../../src/', import.meta.url))
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const read = files.flatMap((file) => [...readFileSync(`${src}${file}`, 'utf8').matchAll(/\benv\.([A-Z_]+)/g)])
  const names = [...new Set(read.map(([, name]) => name ?? ''))].filter((name) => /^(DAGBOOK|NO)_/.test(name))
  expect(names).toContain('DAGBOOK_CONTEXT')
  expect(names.filter((name) => !docs.includes(`| \`${name}\` |`))).toEqual([])
})
