import { readYaml } from './read-yaml.js'
import { SourceLines } from './source-lines.js'
import { SourcePaths } from './source-paths.js'

export interface Place {
  readonly line: number | null
  readonly column: number | null
}

/** Up to that many characters the text is read again to find a place in it: some 100 ms at most. */
const MAX_READ_AGAIN = 1_000_000

/** Where the paths stand in a DAG file that is valid; without a place in one so big that to look would take too long. */
export function locateInSource(source: string, paths: readonly (readonly string[])[]): Place[] {
  const document = source.length > MAX_READ_AGAIN ? null : readYaml(source).document
  if (document === null) return paths.map(() => ({ line: null, column: null }))
  const lines = new SourceLines(source)
  const found = new SourcePaths(document)
  return paths.map((path) => lines.at(found.offset(path, 'VALUE')))
}
