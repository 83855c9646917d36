import { readYaml } from './read-yaml.js'
import { SourceLines } from './source-lines.js'
import { SourcePaths } from './source-paths.js'

export interface Place {
  /** As the file writes it: the short form of a DAG of one task has no `tasks`. */
  readonly path: readonly string[]
  readonly line: number | null
  readonly column: number | null
}

/** Up to that many characters the text is read again to find a place in it: some 100 ms at most. */
const MAX_READ_AGAIN = 1_000_000

/** Where the paths stand in a DAG file that is valid; without a place in one so big that to look would take too long. */
export function locateInSource(source: string, paths: readonly (readonly string[])[]): Place[] {
  const document = source.length > MAX_READ_AGAIN ? null : readYaml(source).document
  if (document === null) return paths.map((path) => ({ path, line: null, column: null }))
  const lines = new SourceLines(source)
  const found = new SourcePaths(document)
  const isShort = !document.has('tasks')
  return paths.map((path) => {
    const written = isShort && path[0] === 'tasks' ? path.slice(2) : path
    return { path: written, ...lines.at(found.offset(written, 'VALUE')) }
  })
}
