import type { Fake } from './fake-journal.js'

const AT = '2026-11-22T10:00:00.000Z'

export const PROJECT = { id: 'project_1', name: 'examples', description: 'd', createdAt: AT, viewerRole: 'OWNER' }

export const PARAMETERS_SCHEMA = { type: 'object', properties: { count: { type: 'integer' }, day: { type: 'string' } } }

/** `b` waits for `a`. */
const TASKS = [
  { id: 'task_a', key: 'a', needs: [] },
  { id: 'task_b', key: 'b', needs: ['a'] },
]

export function page(nodes: readonly Fake[]): Fake {
  return { nodes, pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null } }
}

export function fakeDag(latestRun: Fake | null): Fake {
  const latestVersion = { id: 'dagversion_1', number: 1, parametersSchema: PARAMETERS_SCHEMA }
  const version = ({ number }: Fake): Fake | null => (number === 1 ? latestVersion : null)
  const rest = { description: null, isEnabled: true, state: 'NOT_RUNNING', updatedAt: AT, project: PROJECT }
  return { id: 'dag_1', name: 'hello', latestVersion, version, latestRun, ...rest }
}

export function fakeRun(id: string, input: Record<string, unknown>): Fake {
  const run: Fake = {
    id,
    name: 'hello',
    kind: 'DAG',
    status: 'RUNNING',
    version: 1,
    trigger: 'MANUAL',
    priority: 0,
    tags: [],
    logicalDate: null,
    parameters: {},
    createdAt: AT,
    startedAt: AT,
    endedAt: null,
    project: PROJECT,
    dag: { id: 'dag_1', name: 'hello' },
    dagVersion: { id: 'dagversion_1', number: 1, tasks: () => page(TASKS) },
    maxParallel: null,
    estimatedRemainingSeconds: null,
    ...input,
  }
  run.counts = () => countsOf(run.allInstances as Fake[])
  run.instances = () => page(run.allInstances as Fake[])
  run.instance = ({ taskKey }: Fake) => (run.allInstances as Fake[]).find((each) => each.taskKey === taskKey) ?? null
  return run
}

export function fakeInstance(run: Fake, taskKey: string, executionOrder: number): Fake {
  const rest = {
    name: taskKey,
    engine: 'shell',
    verdict: 'UNKNOWN',
    script: null,
    stackTrace: null,
    exitCode: null,
    errorMessage: null,
    attempts: [{ number: 1, status: 'RUNNING' }],
    waitReasons: [],
  }
  return { id: `instance_${run.id}_${taskKey}`, run, taskKey, status: 'PENDING', executionOrder, ...rest }
}

function countsOf(instances: readonly Fake[]): Fake {
  const count = (status: string): number => instances.filter((each) => each.status === status).length
  const [succeeded, failed, running] = [count('SUCCEEDED'), count('FAILED'), count('RUNNING')]
  const none = { queued: 0, errored: 0, timedOut: 0, canceled: 0, skipped: 0, upstreamFailed: 0, unknown: 0 }
  return {
    ...none,
    total: instances.length,
    pending: count('PENDING'),
    running,
    completed: succeeded + failed,
    succeeded,
    failed,
  }
}
