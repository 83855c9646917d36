import type { DagDefinition } from '../domain/dag/definition.js'
import type { Json, JsonObject } from '../domain/json.js'
import { checkContent } from './check-content.js'
import type { DefinitionReport } from './definition-report.js'
import { MAX_LINES, MAX_SOURCE_BYTES } from './limits.js'
import { ProblemList } from './problem-list.js'
import { readYaml } from './read-yaml.js'
import { expandSingleTask } from './single-task.js'
import { SourceLines } from './source-lines.js'
import { SourcePaths } from './source-paths.js'
import { toJson } from './to-json.js'
import { TooLarge } from './too-large.js'

/**
 * The room `definitions`: the text of a DAG file (YAML 1.2, or JSON, which is YAML) to a checked definition or to every
 * problem at once, each with path, line and column.
 *
 *   source -> read-yaml -> to-json -> check-content -> definition
 *                 \____________\___________\________-> problems, placed by source-paths and source-lines
 *
 * Never throws, whatever the text; bounded by `limits.ts` in time and memory, yet up to seconds for 10 MB: a server
 * uses `checkDefinitionIsolated`.
 */
export function checkDefinition(source: string): DefinitionReport {
  try {
    return check(source)
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error
    const place = error.offset === null ? { line: null, column: null } : new SourceLines(source).at(error.offset)
    return { definition: null, problems: [{ message: error.message, code: 'TOO_LARGE', path: [], ...place }] }
  }
}

function check(source: string): DefinitionReport {
  const bytes = Buffer.byteLength(source)
  if (bytes > MAX_SOURCE_BYTES) {
    throw new TooLarge(`The file must be at most ${MAX_SOURCE_BYTES} bytes, not ${bytes}`)
  }
  const lines = new SourceLines(source)
  if (lines.count > MAX_LINES) throw new TooLarge(`The file must have at most ${MAX_LINES} lines, not ${lines.count}`)
  const problems = new ProblemList()
  const { value, locate } = read(source, problems)
  if (value !== undefined) checkContent(value, problems)
  if (!problems.isEmpty) return { definition: null, problems: problems.report(locate, (offset) => lines.at(offset)) }
  return { definition: expandSingleTask(value as JsonObject) as unknown as DagDefinition, problems: [] }
}

/** The file's value; undefined when its text is broken, since what would be said of the rest is mostly wrong then. */
function read(source: string, problems: ProblemList): { value?: Json; locate: SourcePaths['offset'] } {
  const broken = source.search(/\0|\p{Surrogate}/u)
  if (broken !== -1) {
    problems.add({
      code: 'INVALID',
      path: [],
      offset: broken,
      message: 'The file must not contain NUL or half a character',
    })
    return { locate: () => 0 }
  }
  const { document, errors, moreErrors } = readYaml(source)
  for (const { message, offset } of errors) problems.add({ code: 'INVALID', path: [], offset, message })
  problems.addUnkept(moreErrors)
  if (document === null || errors.length > 0) return { locate: () => 0 }
  const paths = new SourcePaths(document)
  return { value: toJson(document, problems), locate: (path, at) => paths.offset(path, at) }
}
