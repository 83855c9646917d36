const MAX_KEY = 100
/** `_10000`. */
const NUMBER_LENGTH = 6

/**
 * A task key for each path, in their order: the file's name, with `_` for what no key may have. Names that come again are
 * numbered: `check_py`, `check_py_2`.
 */
export function batchKeys(paths: readonly string[]): string[] {
  const taken = new Set<string>()
  const next = new Map<string, number>()
  return paths.map((path) => {
    const name = keyOf(path)
    // Names that are cut to the same are counted together, or each of many would try the numbers of all before it.
    const stem = name.slice(0, MAX_KEY - NUMBER_LENGTH)
    let key = name
    for (let number = next.get(stem) ?? 2; taken.has(key); number += 1) {
      key = `${stem}_${number}`
      next.set(stem, number + 1)
    }
    taken.add(key)
    return key
  })
}

function keyOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/[^A-Za-z0-9_-]/g, '_')
  // No mapping of a definition may have that key.
  if (name === '__proto__') return '_proto_'
  return (/^[A-Za-z_]/.test(name) ? name : `_${name}`).slice(0, MAX_KEY)
}
