import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const PROJECT = path.resolve(import.meta.dirname, '../..')
const BENCH = path.join(PROJECT, 'bench')

/** What the benchmarks, which nothing type-checks, take from the build: file, name, and the source that has to export it. */
const taken = ['ours', 'lib', '.'].flatMap((folder) =>
  readdirSync(path.join(BENCH, folder))
    .filter((file) => file.endsWith('.mjs'))
    .flatMap((file) => {
      const text = readFileSync(path.join(BENCH, folder, file), 'utf8')
      const imports = text.matchAll(
        /(?:import|const) \{([^}]+)\} (?:from|= await import\() ?'(?:\.\.\/)+dist\/([^']+)\.js'/g,
      )
      return Array.from(imports, ([, names = '', module = '']) =>
        names.split(',').flatMap((name) => {
          const exported = name.replace(/ as .*| *:.*/, '').trim()
          return exported === '' ? [] : [[file, exported, `${module}.ts`] as const]
        }),
      ).flat()
    }),
)

it('benchmarks run what is built', () => {
  expect(taken.length).toBeGreaterThan(20)
})

it.each(taken)('%s: %s is exported by %s', (_, name, source) => {
  const text = readFileSync(path.join(PROJECT, source), 'utf8')
  expect(text).toMatch(
    new RegExp(`^export (?:async |abstract )?(?:function|const|class) ${name}\\b|^export \\{[^}]*\\b${name}\\b`, 'm'),
  )
})
