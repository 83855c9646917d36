import type { DagDefinition } from '../domain/dag/definition.js'
import type { Json, JsonObject } from '../domain/json.js'
import type { Rejection } from '../domain/rejection.js'
import { checkDefinitionIsolated } from './check-isolated.js'

/** Keys that place a task in a DAG; a task alone has none. */
const PLACE_KEYS = ['needs', 'when', 'if', 'forEach'] as const
const TASK = 'task'

/**
 * A task that stands alone (inline, or as a template) as the definition of a DAG with that one task, or everything that is
 * wrong with it, `path` leading from `at`. `refused`: further keys that it must not have.
 */
export async function checkTask(
  task: JsonObject,
  at: string,
  refused: readonly string[],
  deadlineMs: number,
): Promise<DagDefinition | readonly Rejection[]> {
  const misplaced = [...PLACE_KEYS, ...refused].filter((key) => Object.hasOwn(task, key))
  const rest = Object.entries(task).filter(([key]) => !misplaced.includes(key))
  const source = JSON.stringify({ name: TASK, tasks: { [TASK]: Object.fromEntries(rest) as Json } })
  const { definition, problems } = await checkDefinitionIsolated(source, deadlineMs)
  const rejections: Rejection[] = [
    ...misplaced.map((key) => ({
      code: 'INVALID' as const,
      path: [at, key],
      message: `${at}.${key} must be left out: it has no meaning here`,
    })),
    ...problems.map(({ code, path, message }) => ({
      code,
      path: [at, ...path.slice(2)],
      message: message.replaceAll(`tasks.${TASK}`, at),
    })),
  ]
  return definition === null || rejections.length > 0 ? rejections : definition
}
