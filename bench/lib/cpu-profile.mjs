/**
 * A V8 CPU profile as tables in ms: `self` by function, `inclusive` by function (with what it calls, once per stack),
 * and `rooms`: self time by folder of dist/src, npm package, or part of Node.js.
 */
export function summarise({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])))
  const selfMs = new Map()
  samples.forEach((id, index) => {
    selfMs.set(id, (selfMs.get(id) ?? 0) + timeDeltas[index] / 1_000)
  })
  const tables = { self: new Map(), inclusive: new Map(), rooms: new Map() }
  for (const [id, ms] of selfMs) {
    const { callFrame } = byId.get(id)
    add(tables.self, nameOf(callFrame), ms)
    add(tables.rooms, roomOf(callFrame), ms)
    const stack = new Set()
    for (let at = id; at !== undefined; at = parents.get(at)) stack.add(nameOf(byId.get(at).callFrame))
    for (const name of stack) add(tables.inclusive, name, ms)
  }
  return Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, sorted(table)]))
}

function add(table, name, ms) {
  table.set(name, (table.get(name) ?? 0) + ms)
}

function sorted(table) {
  return [...table].sort(([, a], [, b]) => b - a).map(([name, ms]) => ({ name, ms }))
}

function nameOf({ functionName, url, lineNumber }) {
  const where = url === '' ? '' : ` ${shortOf(url)}:${lineNumber + 1}`
  return `${functionName || '(anonymous)'}${where}`
}

function shortOf(url) {
  return url.replace(/^.*\/(node_modules|dist)\//, '')
}

function roomOf({ functionName, url }) {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)'
  const [, folder, file] = /\/(dist\/src\/[^/]+|node_modules\/(?:@[^/]+\/)?[^/]+)\/(.*)$/.exec(url) ?? []
  return file === undefined ? url.replace(/^node:.*/, 'node:*').replace(/^.*\/bench\//, 'bench/') : folder
}
