import { findDag, parseDagPath } from '../dags/find-dag.js'
import { findProject } from '../dags/find-project.js'
import { parseMapping } from '../dags/parse-mapping.js'
import { readSource } from '../dags/read-source.js'
import { UsageFailure } from '../failure.js'
import type { Api } from '../graphql/api.js'
import { findPool } from '../pools/pool.js'
import { findQueue } from '../queues/queue.js'
import type { Terminal } from '../terminal.js'

/** What a file may say of an SLA; the names of its scope instead of ids. */
export type SlaFile = Readonly<Record<string, unknown>>

const KEYS = ['name', 'project', 'dag', 'task', 'queue', 'pool', 'conditions', 'actions', 'priority']

/** An SLA in JSON or YAML. Throws UsageFailure for a file that is none, and for keys that none has. */
export async function readSlaFile(file: string, terminal: Terminal): Promise<SlaFile> {
  const read = parseMapping(`File ${file}`, await readSource(file, terminal), 'an SLA')
  const odd = Object.keys(read).find((key) => !KEYS.includes(key))
  if (odd === undefined) return read
  throw new UsageFailure(`File ${file}: an SLA has ${KEYS.join(', ')}, given ${odd}`)
}

/** The input of createSla that the file stands for. Throws NotFoundFailure for a name that leads nowhere. */
export async function createInput(api: Api, sla: SlaFile): Promise<Record<string, unknown>> {
  const { project, dag, task: taskKey, queue, pool, ...rest } = sla
  const named = { ...rest, ...(taskKey === undefined ? {} : { taskKey }) }
  // All that are given: which of them go together is the server's to say.
  return {
    ...named,
    ...(dag === undefined ? {} : { dagId: (await findDag(api, parseDagPath(String(dag)))).id }),
    ...(project === undefined ? {} : { projectId: (await findProject(api, String(project))).id }),
    ...(queue === undefined ? {} : { queueId: (await findQueue(api, String(queue))).id }),
    ...(pool === undefined ? {} : { poolId: (await findPool(api, String(pool))).id }),
  }
}
