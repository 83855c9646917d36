/**
 * The plan of the house, checked. Doors -> commands -> rooms -> history -> domain; an arrow may skip levels downward,
 * none goes up, and rooms know each other only by the edges named in `ROOMS`. Anything not written here is refused.
 *
 * test/plan/import-plan.unit.test.ts plants a violation for every rule and sees it found.
 *
 * Parsed by swc (TypeScript 7 has no API for tools to parse with), which sees `import type` as any other import:
 * type imports obey the plan and count in cycles. It does not see `import('./x.js').T` in a type, so
 * scripts/lint/import-type.grit refuses that form.
 */

// swc's visitor stops at `using` and `await using`; they hold declarators like any variable.
const { Visitor } = require('@swc/core/Visitor.js')
const visitStatement = Visitor.prototype.visitStatement
Visitor.prototype.visitStatement = function visitUsingToo(statement) {
  if (statement.type !== 'UsingDeclaration') return visitStatement.call(this, statement)
  for (const declarator of statement.decls) if (declarator.init) this.visitExpression(declarator.init)
  return statement
}

/** Every folder of src, with what it may import besides itself and platform. main.ts may import all of it. */
const ROOMS = {
  // doors: something outside makes a change happen
  api: ['commands', 'projections', 'queue', 'access', 'cache', 'definitions', 'timetable', 'history', 'domain'],
  scheduler: ['commands', 'projections', 'definitions', 'timetable', 'history', 'domain'],
  dispatcher: ['commands', 'projections', 'queue', 'engines', 'machines', 'history', 'domain'],
  reactors: ['commands', 'projections', 'access', 'definitions', 'history', 'domain'],
  // corridor: the single way to change anything
  commands: ['projections', 'queue', 'machines', 'access', 'definitions', 'timetable', 'history', 'domain'],
  // rooms
  projections: ['history', 'domain'],
  queue: ['history', 'domain'],
  engines: ['machines', 'domain'],
  machines: ['domain'],
  access: ['history', 'domain'],
  cache: ['domain'],
  operations: ['projections', 'history', 'domain'],
  definitions: ['timetable', 'domain'],
  timetable: ['domain'],
  history: ['domain'],
  // ground
  platform: [],
  domain: [],
}

const DOORS = ['api', 'scheduler', 'dispatcher', 'reactors']

/** A room reaches only the rooms written beside it (doors among themselves have a rule of their own). */
const outOfReach = (room, reach) => {
  const allowed = [room, 'platform', ...reach, ...(DOORS.includes(room) ? DOORS : [])]
  return Object.keys(ROOMS).filter((other) => !allowed.includes(other))
}

const roomRules = Object.entries(ROOMS)
  .filter(([room]) => room !== 'domain' && room !== 'platform')
  .map(([room, reach]) => ({
    name: `${room}-reach`,
    comment: `${room} may import ${[...reach, 'platform'].join(', ')}; nothing sideways or up`,
    severity: 'error',
    from: { path: `^src/${room}/` },
    to: { path: `^src/(${outOfReach(room, reach).join('|')})/` },
  }))

const doorRules = DOORS.map((door) => ({
  name: `${door}-alone`,
  comment: 'doors never import doors: they meet in commands and in the journal',
  severity: 'error',
  from: { path: `^src/${door}/` },
  to: { path: `^src/(${DOORS.filter((other) => other !== door).join('|')})/` },
}))

module.exports = {
  forbidden: [
    {
      name: 'domain-imports-nothing',
      comment: 'the rules are pure: no npm, no node:*, no other room',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: '^src/domain/' },
    },
    {
      name: 'platform-knows-no-room',
      comment: 'platform has no word of the domain',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^src/', pathNot: '^src/platform/' },
    },
    ...roomRules,
    ...doorRules,
    {
      name: 'nothing-imports-main',
      comment: 'main.ts wires the rooms; whoever needs a part of it needs a room',
      severity: 'error',
      from: {},
      to: { path: '^src/main\\.ts$' },
    },
    {
      name: 'known-rooms-only',
      comment: 'a new folder of src needs its row in ROOMS and a decision record',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: `^src/(${Object.keys(ROOMS).join('|')})/|^src/main\\.ts$` },
    },
    {
      name: 'clients-apart',
      comment:
        'clients speak GraphQL and import nothing of the server; what installs programs for tests is no part of it',
      severity: 'error',
      from: { path: '^clients/' },
      to: { path: '^(src|migrations|bench|test)/', pathNot: '^test/helpers/require-program\\.ts$' },
    },
    {
      name: 'src-alone',
      comment: 'what is shipped does not need tests, measurements, scripts or clients',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(clients|test|bench|scripts)/' },
    },
    {
      name: 'migrations-stand-alone',
      comment: 'a migration means the same for ever, so it uses no code that changes with the rooms',
      severity: 'error',
      from: { path: '^migrations/' },
      to: { path: '^(src|clients|test|bench|scripts)/', pathNot: '^src/platform/' },
    },
    {
      name: 'no-cycle',
      comment: 'files that import each other, type imports included, can only be understood together',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'an import that leads nowhere',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'shipped-needs-dependencies',
      comment: 'what src and clients import must be installed with --omit=dev',
      severity: 'error',
      from: { path: '^(src|migrations|clients/[^/]+/src)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^dist/', '^clients/[^/]+/dist/'] },
    moduleSystems: ['es6', 'cjs'],
    combinedDependencies: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
