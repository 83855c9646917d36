import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import type { Prepared } from '../../commands/prepared.js'
import { prepareRerun } from '../../commands/rerun.js'
import { prepareRunTask } from '../../commands/run-task.js'
import { cancelRun, pauseRun, resumeRun, setRunPriority } from '../../commands/steer-run.js'
import { prepareTriggerRun } from '../../commands/trigger-run.js'
import type { RunRow } from '../../projections/run/run-row.js'
import { Access } from '../access-rule.js'
import { authorize } from '../authorize.js'
import type { Context } from '../context.js'
import { loadDag } from '../dag/load-dags.js'
import { type Change, mutate } from '../mutate.js'
import { loadProject } from '../project/load-projects.js'
import { answerBefore } from '../repeat.js'
import { userError, userErrorsOf } from '../user-error.js'
import { loadRun } from './load-runs.js'
import {
  CancelRunInput,
  PauseRunInput,
  RerunInput,
  ResumeRunInput,
  RunPayload,
  RunTaskInput,
  SetRunPriorityInput,
  TriggerRunInput,
} from './run.input.js'
import { payloadOf, refused } from './run-payload.js'

@Resolver()
export class RunMutationResolver {
  @Access('action:triggerRun')
  @Mutation(() => RunPayload, { description: 'Starts a run of a DAG, enabled or not.' })
  async triggerRun(
    @Arg('input', () => TriggerRunInput) input: TriggerRunInput,
    @Ctx() context: Context,
  ): Promise<RunPayload> {
    const dag = await loadDag(input.dagId, context)
    if (dag === null) return refused([userError('NOT_FOUND', `DAG ${input.dagId} is not there`, 'dagId')])
    authorize(context, 'triggerRun', dag.projectId)
    const before = await answerBefore(context, 'triggerRun', input)
    if (before !== null) return payloadOf(context, before)
    const { version = null, parameters, logicalDate = null, tags, priority } = input
    const request = { version, parameters: parameters ?? {}, logicalDate, tags: tags ?? [], priority: priority ?? 0 }
    const { database, plans } = context.services
    const prepared = await prepareTriggerRun(database.pool, plans, dag, request)
    if ('rejections' in prepared) return refused(userErrorsOf(prepared))
    return payloadOf(context, await mutate(context, { mutation: 'triggerRun', input, ...prepared }))
  }

  @Access('action:triggerRun')
  @Mutation(() => RunPayload, {
    description: 'Starts a run of one task that belongs to no DAG. A task that is no template takes an EDITOR.',
  })
  async runTask(@Arg('input', () => RunTaskInput) input: RunTaskInput, @Ctx() context: Context): Promise<RunPayload> {
    const { projectId, name } = input
    if ((await loadProject(projectId, context)) === null) {
      return refused([userError('NOT_FOUND', `Project ${projectId} is not there`, 'projectId')])
    }
    authorize(context, input.task == null ? 'triggerRun' : 'runInlineTask', projectId)
    const before = await answerBefore(context, 'runTask', input)
    if (before !== null) return payloadOf(context, before)
    const { template = null, templateVersion = null, task = null, parameters, tags, priority } = input
    const wish = { projectId, name, template, templateVersion, task, parameters: parameters ?? {} }
    const request = { ...wish, tags: tags ?? [], priority: priority ?? 0 }
    const prepared = await prepareRunTask(context.services.database.pool, request)
    if ('rejections' in prepared) return refused(userErrorsOf(prepared))
    return payloadOf(context, await mutate(context, { mutation: 'runTask', input, ...prepared }))
  }

  @Access('action:triggerRun')
  @Mutation(() => RunPayload, { description: 'Starts a new run after one that has ended.' })
  async rerun(@Arg('input', () => RerunInput) input: RerunInput, @Ctx() context: Context): Promise<RunPayload> {
    const parent = await loadRun(input.runId, context)
    if (parent === null) return notThere(input.runId)
    authorize(context, 'triggerRun', parent.projectId)
    const before = await answerBefore(context, 'rerun', input)
    if (before !== null) return payloadOf(context, before)
    const { scope, taskKeys = null, version = null } = input
    const { database, plans } = context.services
    const prepared = await prepareRerun(database.pool, plans, parent, { scope, taskKeys, version })
    if ('rejections' in prepared) return refused(userErrorsOf(prepared))
    return payloadOf(context, await mutate(context, { mutation: 'rerun', input, ...prepared }))
  }

  @Access('action:steerRun')
  @Mutation(() => RunPayload, { description: 'Ends what waits of a run and stops what runs.' })
  cancelRun(@Arg('input', () => CancelRunInput) input: CancelRunInput, @Ctx() context: Context): Promise<RunPayload> {
    return steer(context, 'cancelRun', input, ({ id }) => cancelRun(id, input.reason ?? null))
  }

  @Access('action:steerRun')
  @Mutation(() => RunPayload, { description: 'Dispatches nothing more of a run; what runs goes on.' })
  pauseRun(@Arg('input', () => PauseRunInput) input: PauseRunInput, @Ctx() context: Context): Promise<RunPayload> {
    return steer(context, 'pauseRun', input, ({ id }) => pauseRun(id))
  }

  @Access('action:steerRun')
  @Mutation(() => RunPayload, { description: 'Lets a paused run go on.' })
  resumeRun(@Arg('input', () => ResumeRunInput) input: ResumeRunInput, @Ctx() context: Context): Promise<RunPayload> {
    return steer(context, 'resumeRun', input, ({ id }) => resumeRun(id))
  }

  @Access('action:steerRun')
  @Mutation(() => RunPayload, {
    description: 'Gives a run that goes on another priority: what waits of it moves, what it queues later follows.',
  })
  setRunPriority(
    @Arg('input', () => SetRunPriorityInput) input: SetRunPriorityInput,
    @Ctx() context: Context,
  ): Promise<RunPayload> {
    return steer(context, 'setRunPriority', input, ({ id }) => setRunPriority(id, input.priority))
  }
}

async function steer(
  context: Context,
  mutation: string,
  input: Change['input'] & { readonly runId: string },
  command: (run: RunRow) => Prepared,
): Promise<RunPayload> {
  const run = await loadRun(input.runId, context)
  if (run === null) return notThere(input.runId)
  authorize(context, 'steerRun', run.projectId)
  return payloadOf(context, await mutate(context, { mutation, input, ...command(run) }))
}

function notThere(runId: string): RunPayload {
  return refused([userError('NOT_FOUND', `Run ${runId} is not there`, 'runId')])
}
