import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import type { Prepared } from '../../commands/prepared.js'
import { cancelInstance, forceInstance, retryInstance } from '../../commands/steer-instance.js'
import type { Refused } from '../../domain/rejection.js'
import type { InstanceRow } from '../../projections/run/instance-row.js'
import { Access } from '../access-rule.js'
import { authorize } from '../authorize.js'
import type { Context } from '../context.js'
import { type Change, mutate } from '../mutate.js'
import { type UserError, userError, userErrorsOf } from '../user-error.js'
import { CancelInstanceInput, ForceInstanceInput, InstancePayload, RetryInstanceInput } from './instance.input.js'
import { loadInstance } from './load-instances.js'

@Resolver()
export class InstanceMutationResolver {
  @Access('action:steerRun')
  @Mutation(() => InstancePayload, { description: 'Tries an instance in RETRY_WAIT again at once.' })
  retryInstance(
    @Arg('input', () => RetryInstanceInput) input: RetryInstanceInput,
    @Ctx() context: Context,
  ): Promise<InstancePayload> {
    return steer(context, 'retryInstance', input, retryInstance)
  }

  @Access('action:steerRun')
  @Mutation(() => InstancePayload, { description: 'Ends an instance that waits, stops one that runs.' })
  cancelInstance(
    @Arg('input', () => CancelInstanceInput) input: CancelInstanceInput,
    @Ctx() context: Context,
  ): Promise<InstancePayload> {
    return steer(context, 'cancelInstance', input, (instance) => cancelInstance(instance, input.reason ?? null))
  }

  @Access('action:steerRun')
  @Mutation(() => InstancePayload, { description: 'Decides by hand how an instance ends that has not ended.' })
  forceInstance(
    @Arg('input', () => ForceInstanceInput) input: ForceInstanceInput,
    @Ctx() context: Context,
  ): Promise<InstancePayload> {
    return steer(context, 'forceInstance', input, (instance) => forceInstance(instance, input.status, input.reason))
  }
}

async function steer(
  context: Context,
  mutation: string,
  input: Change['input'] & { readonly instanceId: string },
  command: (instance: InstanceRow) => Prepared | Refused,
): Promise<InstancePayload> {
  const { instanceId } = input
  const instance = await loadInstance(instanceId, context)
  if (instance === null) return refused([userError('NOT_FOUND', `Instance ${instanceId} is not there`, 'instanceId')])
  authorize(context, 'steerRun', instance.projectId)
  const prepared = command(instance)
  if ('rejections' in prepared) return refused(userErrorsOf(prepared))
  const { streamId, userErrors, position } = await mutate(context, { mutation, input, ...prepared })
  return { instance: streamId === null ? null : await loadInstance(instanceId, context), userErrors, position }
}

function refused(userErrors: UserError[]): InstancePayload {
  return { instance: null, userErrors, position: null }
}
