import { buildSchema } from 'graphql'
import { Answers } from './answers.js'
import { DESIGNS, isInSchema, NOT_BUILT_YET, WORDS } from './words.js'

test('every word of the four designs has its place in the schema, or is known not to be built yet', () => {
  expect([...new Set(WORDS.map(({ design }) => design))]).toEqual([...DESIGNS])
  expect(WORDS).toHaveLength(256)
  const places = new Set(WORDS.map(({ coordinate }) => coordinate))
  expect([...places].filter((place) => !isInSchema(place) && !NOT_BUILT_YET.has(place))).toEqual([])
  expect([...NOT_BUILT_YET].filter((place) => isInSchema(place) || !places.has(place))).toEqual([])
})

const schema = buildSchema(`
  enum Word { A B C }
  input Part { word: Word, text: String }
  input Change { parts: [Part!]!, unused: String }
  type Item { id: ID, count: Int, word: Word }
  type Items { nodes: [Item!]!, totalCount: Int }
  type Error { message: String }
  type Payload { item: Item, userErrors: [Error!]! }
  type Query { items(word: Word): Items, none: Items, flags: [Boolean] }
  type Mutation { change(input: Change!): Payload }
`)
const CHANGE = 'mutation ($input: Change!) { change(input: $input) { it: item { word } userErrors { message } } }'
const input = { parts: [{ text: '' }, { word: 'B', text: 'x' }] }

test('an answer tells of the fields that have data, and of no others', () => {
  const answers = new Answers(schema)
  const items = { totalCount: 2, nodes: [{ key: null }, { key: 'i', count: 0, word: 'C' }] }
  const data = { items, none: { totalCount: 1, nodes: [] }, flags: [false] }
  answers.add(
    'query ($w: Word) { items(word: $w) { totalCount nodes { key: id count word } } none { totalCount nodes { id } } flags }',
    { w: 'A' },
    data,
  )
  const told = ['Query.items', 'Items.nodes', 'Items.totalCount', 'Item.id', 'Item.word', 'Word.C']
  const untold = ['Query.none', 'Query.flags', 'Item.count', 'Word.A', 'Word.B']
  expect([...told, ...untold].filter((coordinate) => answers.tells(coordinate))).toEqual(told)
  expect(answers.gives('Item.count')).toBe(true)
})

test('a change tells of what it was given, unless it was refused', () => {
  const coordinates = ['Change.parts', 'Part.word', 'Part.text', 'Word.B', 'Item.word', 'Word.C', 'Change.unused']
  const [taken, refused] = [new Answers(schema), new Answers(schema)]
  taken.add(CHANGE, { input }, { change: { it: { word: 'C' }, userErrors: [] } })
  expect(coordinates.filter((each) => taken.tells(each))).toEqual(coordinates.slice(0, -1))
  refused.add(CHANGE, { input }, { change: { it: null, userErrors: [{ message: 'no' }] } })
  expect(coordinates.filter((each) => refused.tells(each))).toEqual([])
})
