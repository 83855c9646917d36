import { readdir, stat } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { UsageFailure } from '../failure.js'

/** What a machine knows how to run by its extension. */
const EXTENSIONS = new Set(['.sh', '.bash', '.py', '.js', '.mjs', '.cjs', '.rb', '.pl', '.php', '.R'])

/**
 * The scripts that these paths name, in their order: of a folder of this computer, all files below it with a known extension,
 * sorted by path; anything else as it is, also what is only on the machine. Names that begin with a dot are passed over.
 * Throws UsageFailure for a folder without scripts.
 */
export async function findScripts(paths: readonly string[], isAbsolute: boolean): Promise<string[]> {
  const found: string[] = []
  for (const path of paths) {
    const scripts = (await isFolder(path)) ? await scriptsBelow(path) : [path]
    if (scripts.length === 0) throw new UsageFailure(`Folder ${path}: has no scripts (${[...EXTENSIONS].join(' ')})`)
    found.push(...scripts)
  }
  return isAbsolute ? found.map((path) => resolve(path)) : found
}

async function isFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => null)
  return stats?.isDirectory() ?? false
}

async function scriptsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: Error) => {
    throw new UsageFailure(`Folder ${folder}: cannot be read (${error.message})`)
  })
  const found: string[] = []
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...(await scriptsBelow(path)))
    else if (EXTENSIONS.has(extname(entry.name))) found.push(path)
  }
  return found
}
