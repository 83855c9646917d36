import type { RejectionCode } from '../domain/rejection.js'
import type { DefinitionProblem } from './definition-report.js'
import { MAX_PROBLEMS } from './limits.js'

/** A problem before its place is looked up; the message may be made late, since most of 100,000 are never shown. */
export interface FoundProblem {
  readonly code: RejectionCode
  readonly path: readonly string[]
  readonly message: string | (() => string)
  /** KEY: the problem is the key that `path` ends in; VALUE (default): what stands behind it. */
  readonly at?: 'KEY' | 'VALUE'
  /** Offset into the source, when it is known better than by path. */
  readonly offset?: number
}

/** Where a path stands in the source, as an offset. */
export type Locate = (path: readonly string[], at: 'KEY' | 'VALUE') => number

/** Gathers the problems of one file. */
export class ProblemList {
  readonly #found: FoundProblem[] = []
  #unkept = 0

  get isEmpty(): boolean {
    return this.#found.length === 0
  }

  add(problem: FoundProblem): void {
    this.#found.push(problem)
  }

  /** Counts problems that were never kept. */
  addUnkept(count: number): void {
    this.#unkept += count
  }

  /** The problems sorted by position, cut after `MAX_PROBLEMS` with a last one that says how many more there are. */
  report(locate: Locate, place: (offset: number) => { line: number; column: number }): DefinitionProblem[] {
    const located = this.#found.map((problem) => ({
      problem,
      offset: problem.offset ?? locate(problem.path, problem.at ?? 'VALUE'),
    }))
    located.sort((a, b) => a.offset - b.offset)
    const shown = located.slice(0, MAX_PROBLEMS).map(({ problem, offset }) => shownProblem(problem, place(offset)))
    const hidden = located[MAX_PROBLEMS]
    if (hidden === undefined) return shown
    const message = `The file has ${located.length - MAX_PROBLEMS + this.#unkept} more problems from here on`
    return [...shown, shownProblem({ code: 'INVALID', path: hidden.problem.path, message }, place(hidden.offset))]
  }
}

function shownProblem(problem: FoundProblem, place: { line: number; column: number }): DefinitionProblem {
  const { code, path, message } = problem
  return { message: typeof message === 'string' ? message : message(), code, path, ...place }
}
