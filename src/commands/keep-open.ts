import type { Statement } from '../platform/statement.js'
import type { Command } from './command.js'

const KEEP_OPEN = 'SELECT keep_open($1::text[], $2::text[])'

/**
 * Goes with everything that begins a run, for what was looked at before may have been archived or deleted meanwhile. Fails
 * with the checks `project_open` and `dag_open`. A rerun asks only for its project: what a deleted DAG ran can run again.
 */
export function keepOpen(commands: readonly Command[]): Statement[] {
  const projects = new Set<string>()
  const dags = new Set<string>()
  for (const { aggregate, command } of commands.flatMap((one) => [one, ...(one.also ?? [])])) {
    if (aggregate !== 'run' || command.type !== 'RequestRun') continue
    const { projectId, dagId, parentRunId } = command.request
    projects.add(projectId)
    if (dagId !== null && parentRunId === null) dags.add(dagId)
  }
  return projects.size === 0 ? [] : [{ name: 'keep-open', text: KEEP_OPEN, values: [[...projects], [...dags]] }]
}
