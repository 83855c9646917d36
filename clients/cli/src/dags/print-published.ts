import type { Terminal } from '../terminal.js'
import { printProblems } from './problems.js'
import type { Published } from './publish.js'

/** What came of publishing: the problems of `file` on stderr, or the version in `project`. */
export function printPublished(terminal: Terminal, project: string, file: string, published: Published): void {
  const { dag, version, isNew, problems } = published
  if (problems.length > 0) printProblems(terminal, file, problems)
  else terminal.print(`${project}/${dag?.name} version ${version}${isNew ? '' : ' (unchanged)'}`)
}
