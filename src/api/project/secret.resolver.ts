import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql'
import { deleteSecret, secretProblems, setSecret } from '../../commands/secrets.js'
import type { ProjectRow } from '../../projections/project/list-projects.js'
import { listSecrets, type SecretRow } from '../../projections/project/list-secrets.js'
import { Access } from '../access-rule.js'
import { authorize } from '../authorize.js'
import type { Context } from '../context.js'
import { loadBy } from '../load-by.js'
import { mutate } from '../mutate.js'
import { type UserError, userError, userErrorsOf } from '../user-error.js'
import { loadProject } from './load-projects.js'
import { Project, Secret } from './project.type.js'
import { DeleteSecretInput, SecretPayload, SetSecretInput } from './secret.type.js'

@Resolver(() => Project)
export class SecretResolver {
  @Access('signedIn')
  @FieldResolver(() => [Secret], { description: 'By name, without their values; at most 1,000.' })
  secrets(@Root() { id }: Project, @Ctx() context: Context): Promise<Secret[]> {
    return loadSecrets(id, context)
  }

  @Access('action:manageSecrets')
  @Mutation(() => SecretPayload, { description: 'Gives a secret a value; tasks that are dispatched later receive it.' })
  async setSecret(
    @Arg('input', () => SetSecretInput) input: SetSecretInput,
    @Ctx() context: Context,
  ): Promise<SecretPayload> {
    const project = await loadProject(input.projectId, context)
    if (project === null) return notThere(input.projectId)
    authorize(context, 'manageSecrets', project.id)
    const { access, encryption, clock } = context.services
    const { name, value } = input
    const rejections = secretProblems(name, value)
    if (rejections.length > 0) return refused(userErrorsOf({ rejections }))
    const body = setSecret(project.id, { name, value }, encryption, clock.now())
    const stored = { ...input, value: access.fingerprint(value) }
    const { streamId, userErrors, position } = await mutate(context, { mutation: 'setSecret', input: stored, ...body })
    return { secret: streamId === null ? null : await find(project, name, context), userErrors, position }
  }

  @Access('action:manageSecrets')
  @Mutation(() => SecretPayload, { description: 'Forgets a secret; tasks that ask for it fail from then on.' })
  async deleteSecret(
    @Arg('input', () => DeleteSecretInput) input: DeleteSecretInput,
    @Ctx() context: Context,
  ): Promise<SecretPayload> {
    const { projectId, name } = input
    const project = await loadProject(projectId, context)
    if (project === null) return notThere(projectId)
    authorize(context, 'manageSecrets', project.id)
    const secret = await find(project, name, context)
    const changed = await mutate(context, { mutation: 'deleteSecret', input, ...deleteSecret(project.id, name) })
    const { streamId, userErrors, position } = changed
    if (secret === null && position === null) {
      return refused([userError('NOT_FOUND', `Secret ${JSON.stringify(name.slice(0, 100))} is not there`, 'name')])
    }
    return { secret: streamId === null ? null : secret, userErrors, position }
  }
}

async function find(project: ProjectRow, name: string, context: Context): Promise<Secret | null> {
  return (await loadSecrets(project.id, context)).find((secret) => secret.name === name) ?? null
}

async function loadSecrets(projectId: string, context: Context): Promise<SecretRow[]> {
  const found = await loadBy(context, 'secrets.project', projectId, async (ids) => {
    const rows = new Map<string, SecretRow[]>(ids.map((id) => [id, []]))
    for (const row of await listSecrets(context.services.database, ids)) rows.get(row.projectId)?.push(row)
    return rows
  })
  return found ?? []
}

function notThere(projectId: string): SecretPayload {
  return refused([userError('NOT_FOUND', `Project ${projectId} is not there`, 'projectId')])
}

function refused(userErrors: UserError[]): SecretPayload {
  return { secret: null, userErrors, position: null }
}
