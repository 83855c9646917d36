import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const PROJECT = resolve(import.meta.dirname, '../..')
const CRUISER = join(PROJECT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
const CONFIG = join(PROJECT, '.dependency-cruiser.cjs')

/** One broken rule: `from` and `to` are paths relative to the tree's root. */
export interface Violation {
  readonly rule: string
  readonly from: string
  readonly to: string
}

/** Everything the import plan has against the tree at `root`; only those of `folders` that exist are looked at. */
export async function cruise(root: string, folders: readonly string[]): Promise<Violation[]> {
  const argv = [CRUISER, '--config', CONFIG, '--output-type', 'json', ...folders]
  const { stdout } = await promisify(execFile)(process.execPath, argv, { cwd: root, maxBuffer: 1 << 27 }).catch(
    // It exits with the number of violations; only without an answer did it fail.
    (error: Error & { stdout: string }) => (error.stdout.startsWith('{') ? error : Promise.reject(error)),
  )
  const result = JSON.parse(stdout) as {
    summary: { violations: { from: string; to: string; rule: { name: string } }[] }
  }
  return result.summary.violations.map(({ from, to, rule }) => ({ rule: rule.name, from, to }))
}

/** The names of all rules of the plan, in order. */
export async function ruleNames(): Promise<string[]> {
  const config = (await import(CONFIG)) as { default: { forbidden: { name: string }[] } }
  return config.default.forbidden.map(({ name }) => name)
}

/** Cruises a temporary tree made of these files (path -> text). */
export async function cruiseFiles(files: Readonly<Record<string, string>>): Promise<Violation[]> {
  const root = await mkdtemp(join(tmpdir(), 'dagbook-plan-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text)
    }
    const folders = new Set(Object.keys(files).map((path) => path.split('/')[0]!))
    return await cruise(
      root,
      [...folders].filter((folder) => folder !== 'node_modules' && !folder.includes('.')),
    )
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

export { PROJECT }
