import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSchema, type DocumentNode, Kind, parse, validate, visit } from 'graphql'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Every document of the sources, with the fragments that it names by `${CONSTANT}`. */
function documents(): [string, DocumentNode][] {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
  const texts = files.flatMap((file) => {
    const source = readFileSync(join(root, 'src', file), 'utf8')
    return [...source.matchAll(/const ([A-Z_0-9]+) = \/\* GraphQL \*\/ `([^`]*)`/g)].map(([, name, text]) => ({
      name: name as string,
      text: text as string,
      file,
    }))
  })
  const fragments = new Map(texts.map(({ name, text }) => [name, text]))
  return texts
    .filter(({ text }) => !text.trim().startsWith('fragment'))
    .map(({ name, text, file }) => {
      const whole = text.replace(/\$\{([A-Z_0-9]+)\}/g, (_all, fragment: string) => fragments.get(fragment) ?? '')
      return [`${file} ${name}`, parse(whole)]
    })
}

const cut = fileURLToPath(new URL('../fixtures/contract.graphql', import.meta.url))
const emitted = join(root, '../../schema/schema.graphql')

describe.each([cut, emitted].filter((file) => existsSync(file)))('against %s', (file) => {
  const schema = buildSchema(readFileSync(file, 'utf8'))

  test.each(documents())('%s is valid', (_name, document) => {
    expect(validate(schema, document).map(({ message }) => message)).toEqual([])
  })
})

test.each(documents())('%s keeps within what a server answers: depth 10, 10 root fields', (_name, document) => {
  let depth = 0
  let deepest = 0
  visit(document, {
    Field: {
      enter: () => {
        depth += 1
        deepest = Math.max(deepest, depth)
      },
      leave: () => {
        depth -= 1
      },
    },
  })
  expect(deepest).toBeLessThanOrEqual(8)
  const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION)
  expect(operation?.kind === Kind.OPERATION_DEFINITION && operation.selectionSet.selections).toHaveLength(1)
})

test('all documents were found', () => {
  expect(documents().length).toBeGreaterThan(20)
})
