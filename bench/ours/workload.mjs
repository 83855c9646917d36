import { planOf } from '../../dist/src/domain/dag/plan.js'
import { newId } from '../../dist/src/platform/ids.js'

const QUEUE_CAPACITY = 1_000

/** Executes one command as the API would hand it in, and throws when it is refused. Answers what the bus answered. */
export async function must(bus, aggregate, streamId, command, beside = undefined) {
  const cause = { actor: 'system', correlationId: null, causationId: null }
  const outcome = await bus.execute({
    aggregate,
    streamId,
    command,
    id: newId('command'),
    ...cause,
    once: null,
    beside,
  })
  if ('rejections' in outcome) throw new Error(`${command.type} was refused: ${JSON.stringify(outcome.rejections)}`)
  return outcome
}

/** Pool and queue `default`, and a project. Answers the project's id. */
export async function prepareProject(bus) {
  const poolId = newId('pool')
  const projectId = newId('project')
  const pool = { name: 'default', totalCpu: 2, totalMemoryBytes: 2 ** 30 }
  await must(bus, 'pool', poolId, { type: 'CreatePool', ...pool })
  const queue = { name: 'default', capacity: QUEUE_CAPACITY, priority: 0, poolId }
  await must(bus, 'queue', newId('queue'), { type: 'CreateQueue', ...queue })
  await must(bus, 'project', projectId, { type: 'CreateProject', name: 'bench', description: '', owner: null })
  return projectId
}

/** A DAG of `count` tasks of that form, side by side or (`isChain`) one after another, under a name of its own. */
export function definitionOf(name, count, isChain, task = { noop: {} }) {
  const tasks = Array.from({ length: count }, (_, index) => [
    `t${index}`,
    isChain && index > 0 ? { ...task, needs: [`t${index - 1}`] } : task,
  ])
  return { name, tasks: Object.fromEntries(tasks) }
}

/** Publishes the definition. Answers how to request a run of it: `requestRun()` resolves when its events are durable. */
export async function publish(bus, projectId, definition) {
  const dagId = newId('dag')
  const dagVersionId = newId('dagversion')
  const version = { dagVersionId, source: JSON.stringify(definition), definition, checksum: definition.name }
  await must(bus, 'dag', dagId, { type: 'PublishDag', projectId, ...version, expectedVersion: null })
  const plan = planOf(definition)
  return () => {
    const id = newId('run')
    const of = { kind: 'DAG', name: definition.name, projectId, dagId, dagVersionId, plan: null }
    const how = { trigger: 'MANUAL', parameters: {}, logicalDate: null, tags: [], priority: 0 }
    const lineage = { parentRunId: null, rootRunId: id, rerunScope: null }
    return must(bus, 'run', id, { type: 'RequestRun', plan, reused: [], request: { ...of, ...how, ...lineage } })
  }
}
