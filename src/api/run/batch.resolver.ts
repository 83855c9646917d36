import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { prepareRunBatch, type RunBatchRequest } from '../../commands/run-batch.js'
import { Access } from '../access-rule.js'
import { authorize } from '../authorize.js'
import { loadMachine, loadQueue } from '../capacity/load-capacity.js'
import type { Context } from '../context.js'
import { mutate } from '../mutate.js'
import { loadProject } from '../project/load-projects.js'
import { answerBefore } from '../repeat.js'
import { type UserError, userError, userErrorsOf } from '../user-error.js'
import { RunBatchInput } from './batch.input.js'
import { RunPayload } from './run.input.js'
import { payloadOf, refused } from './run-payload.js'

@Resolver()
export class BatchResolver {
  @Access('action:runInlineTask')
  @Mutation(() => RunPayload, {
    description: 'Starts a run of scripts; takes an EDITOR, as nobody has published them.',
  })
  async runBatch(
    @Arg('input', () => RunBatchInput) input: RunBatchInput,
    @Ctx() context: Context,
  ): Promise<RunPayload> {
    const { projectId } = input
    if ((await loadProject(projectId, context)) === null) {
      return refused([userError('NOT_FOUND', `Project ${projectId} is not there`, 'projectId')])
    }
    authorize(context, 'runInlineTask', projectId)
    const before = await answerBefore(context, 'runBatch', input)
    if (before !== null) return payloadOf(context, before)
    const { request, missing } = await requestOf(input, context)
    const prepared = await prepareRunBatch(context.services.database.pool, request)
    const wrong = [...missing, ...('rejections' in prepared ? userErrorsOf(prepared) : [])]
    if ('rejections' in prepared || wrong.length > 0) return refused(wrong)
    return payloadOf(context, await mutate(context, { mutation: 'runBatch', input, ...prepared }))
  }
}

/** The input with the names that its ids stand for, and which of these ids stand for nothing. */
async function requestOf(input: RunBatchInput, context: Context) {
  const { machineId = null, queueId = null } = input
  const [machine, queue] = await Promise.all([
    machineId === null ? null : loadMachine(machineId, context),
    queueId === null ? null : loadQueue(queueId, context),
  ])
  const missing: UserError[] = [
    ...(machineId !== null && machine === null ? [notThere('Machine', machineId, 'machineId')] : []),
    ...(queueId !== null && queue === null ? [notThere('Queue', queueId, 'queueId')] : []),
  ]
  const { projectId, name, mode, description = null, maxParallel = null, verdictRules = null } = input
  const request: RunBatchRequest = {
    ...{ projectId, name, mode, description, maxParallel, verdictRules },
    stopOnFailure: input.stopOnFailure ?? false,
    machine: machine?.name ?? null,
    queue: queue?.name ?? null,
    scripts: input.scripts.map((script) => ({
      path: script.path,
      arguments: script.arguments ?? [],
      interpreter: script.interpreter ?? null,
      module: script.module ?? null,
      timeoutSeconds: script.timeoutSeconds ?? null,
      executor: script.executor ?? 'PROCESS',
    })),
  }
  return { request, missing }
}

function notThere(noun: string, id: string, path: string): UserError {
  return userError('NOT_FOUND', `${noun} ${id} is not there`, path)
}
