import { cruise, cruiseFiles, PROJECT, ruleNames, type Violation } from './cruise.js'

const ROOMS = `api scheduler dispatcher reactors commands projections queue engines machines access cache operations
  definitions timetable history platform domain`.split(/\s+/)

/** Who may import whom: design, `Imports between rooms`, written a second time so that a change of it is deliberate. */
const PLAN: Record<string, string> = {
  api: 'commands projections queue access cache definitions timetable history platform domain',
  scheduler: 'commands projections definitions timetable history platform domain',
  dispatcher: 'commands projections queue engines machines history platform domain',
  reactors: 'commands projections access definitions history platform domain',
  commands: 'projections queue machines access definitions timetable history platform domain',
  projections: 'history platform domain',
  queue: 'history platform domain',
  engines: 'machines platform domain',
  machines: 'platform domain',
  access: 'history platform domain',
  cache: 'platform domain',
  operations: 'projections history platform domain',
  definitions: 'timetable platform domain',
  timetable: 'platform domain',
  history: 'platform domain',
  platform: '',
  domain: '',
}

/** A violation for each rule: the file that breaks it and the text that does. */
const PLANTED: Record<string, [path: string, text: string]> = {
  'domain-imports-nothing': ['src/domain/planted.ts', "import 'node:fs'"],
  'platform-knows-no-room': ['src/platform/planted.ts', "import type { x } from '../domain/room.js'"],
  ...Object.fromEntries(
    Object.entries(PLAN)
      .filter(([room]) => !['platform', 'domain'].includes(room))
      .map(([room]) => [`${room}-reach`, [`src/${room}/planted.ts`, "import type { x } from '../operations/room.js'"]]),
  ),
  'operations-reach': ['src/operations/planted.ts', "import type { x } from '../commands/room.js'"],
  'api-alone': ['src/api/alone.ts', "import { x } from '../scheduler/room.js'"],
  'scheduler-alone': ['src/scheduler/alone.ts', "import { x } from '../dispatcher/room.js'"],
  'dispatcher-alone': ['src/dispatcher/alone.ts', "import { x } from '../reactors/room.js'"],
  'reactors-alone': ['src/reactors/alone.ts', "import { x } from '../api/room.js'"],
  'nothing-imports-main': ['src/api/main-user.ts', "import '../main.js'"],
  'known-rooms-only': ['src/main.ts', "import './utils/room.js'"],
  'clients-apart': ['clients/cli/src/planted.ts', "import type { x } from '../../../src/domain/room.js'"],
  'src-alone': ['src/history/shipped.ts', "export * from '../../bench/room.js'"],
  'migrations-stand-alone': ['migrations/0001-planted.ts', "import { x } from '../src/domain/room.js'"],
  'no-cycle': ['src/queue/circle-a.ts', "import type { y } from './circle-b.js'\nexport type x = y"],
  resolvable: ['src/queue/lost.ts', "import { x } from './nowhere.js'"],
  'shipped-needs-dependencies': ['src/queue/dev.ts', "import 'only-for-tests'"],
}

const ROOM = 'export const x = 1\n'

const SURROUNDINGS: Record<string, string> = {
  ...Object.fromEntries(ROOMS.map((room) => [`src/${room}/room.ts`, ROOM])),
  'src/utils/room.ts': ROOM,
  'bench/room.ts': ROOM,
  'src/queue/circle-b.ts': "import type { x } from './circle-a.js'\nexport type y = x",
  'package.json': '{ "devDependencies": { "only-for-tests": "1.0.0" } }',
  'node_modules/only-for-tests/package.json': '{ "name": "only-for-tests", "version": "1.0.0" }',
  'node_modules/only-for-tests/index.js': '',
}

/** One file per ordered pair of rooms, importing the other room. */
function everyPair(): Record<string, string> {
  const pairs = ROOMS.flatMap((from) => ROOMS.filter((to) => to !== from).map((to) => [from, to] as const))
  return {
    ...Object.fromEntries(ROOMS.map((room) => [`src/${room}/room.ts`, ROOM])),
    ...Object.fromEntries(
      pairs.map(([from, to]) => [`src/${from}/to-${to}.ts`, `import type { x } from '../${to}/room.js'`]),
    ),
  }
}

let planted: Violation[]
let pairs: Violation[]
let real: Violation[]

beforeAll(async () => {
  const violations = Object.fromEntries(Object.values(PLANTED))
  ;[planted, pairs, real] = await Promise.all([
    cruiseFiles({ ...SURROUNDINGS, ...violations }),
    cruiseFiles(everyPair()),
    cruise(PROJECT, ['src', 'clients', 'test', 'migrations']),
  ])
})

test('the tree keeps to the plan', () => {
  expect(real).toEqual([])
})

test('every rule has a planted violation', async () => {
  expect(Object.keys(PLANTED).sort()).toEqual((await ruleNames()).sort())
})

test.each(Object.entries(PLANTED))('%s finds the violation planted for it', (rule, [path]) => {
  expect(planted).toContainEqual(expect.objectContaining({ rule, from: path }))
})

test.each(ROOMS)('%s reaches what the plan gives it and nothing else', (room) => {
  const refused = new Set(
    pairs.filter(({ from }) => from.startsWith(`src/${room}/to-`)).map(({ to }) => to.split('/')[1]),
  )
  const reached = ROOMS.filter((other) => other !== room && !refused.has(other))
  expect(reached.sort()).toEqual(PLAN[room]!.split(' ').filter(Boolean).sort())
})

test('what a file may not import it may not import as a type either, nor re-export', async () => {
  const found = await cruiseFiles({
    'src/domain/run.ts': "export type { x } from '../history/room.js'",
    'src/history/room.ts': "import { type x } from '../commands/room.js'",
    'src/commands/room.ts': "export const y = () => import('../api/room.js')",
    'src/api/room.ts':
      'export async function z() { await using r = null; using s = await import("../scheduler/room.js") }',
    'src/scheduler/room.ts': ROOM,
  })
  const rules = found.map(({ rule }) => rule).sort()
  expect(rules).toEqual(['api-alone', 'commands-reach', 'domain-imports-nothing', 'history-reach'])
})
