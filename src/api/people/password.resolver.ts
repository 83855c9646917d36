import { Arg, Ctx, Mutation, Resolver } from 'type-graphql'
import { passwordProblems } from '../../access/person-rules.js'
import { sessionOf, type Viewer } from '../../access/viewer.js'
import { changePassword } from '../../commands/change-people.js'
import type { UserId } from '../../domain/ids.js'
import { Access } from '../access-rule.js'
import { RateLimitedError } from '../api-error.js'
import { authorize } from '../authorize.js'
import type { Context } from '../context.js'
import { mutate } from '../mutate.js'
import { answerBefore } from '../repeat.js'
import { type UserError, userError, userErrorsOf } from '../user-error.js'
import { loadUser } from './load-people.js'
import { ChangePasswordInput, UserPayload } from './user.input.js'
import { notThere, payloadOf, refused } from './user.resolver.js'
import { managingProblems } from './user-changes.js'

@Resolver()
export class PasswordResolver {
  @Access('action:manageOwnAccess')
  @Mutation(() => UserPayload, {
    description: "Replaces a password: one's own, which ends the other sessions, or another's, which ends all of them.",
  })
  async changePassword(
    @Arg('input', () => ChangePasswordInput) input: ChangePasswordInput,
    @Ctx() context: Context,
  ): Promise<UserPayload> {
    const viewer = authorize(context, 'manageOwnAccess')
    const userId = input.userId ?? viewer.userId
    const isOwn = userId === viewer.userId
    if (!isOwn) authorize(context, 'manageUsers')
    const { access, clock } = context.services
    const stored = withoutPasswords(input, context)
    const before = await answerBefore(context, 'changePassword', stored)
    if (before !== null) return payloadOf(context, before)
    const user = await loadUser(userId, context)
    if (user === null) return notThere(userId)
    const problems = [
      ...(isOwn ? [] : managingProblems(viewer, user)),
      ...userErrorsOf({ rejections: passwordProblems(input.newPassword, 'newPassword') }),
    ]
    const wrong = problems.length === 0 && isOwn ? await currentProblems(input, viewer, context) : []
    if (problems.length + wrong.length > 0) return refused([...problems, ...wrong])
    const kept = isOwn ? sessionOf(viewer) : null
    const passwordHash = await access.hashPassword(input.newPassword)
    const body = changePassword(user.id as UserId, { passwordHash, kept }, clock.now())
    return payloadOf(context, await mutate(context, { mutation: 'changePassword', input: stored, ...body }))
  }
}

async function currentProblems(
  { currentPassword }: ChangePasswordInput,
  viewer: Viewer,
  context: Context,
): Promise<UserError[]> {
  if (!currentPassword) return [userError('REQUIRED', 'The current password is needed', 'currentPassword')]
  const check = await context.services.access.verifyPassword(viewer, currentPassword, context)
  if (check.status === 'WAIT') throw new RateLimitedError(Math.ceil(check.waitMs / 1_000))
  return check.status === 'RIGHT' ? [] : [userError('INVALID', 'The current password is wrong', 'currentPassword')]
}

/** What is kept with an idempotency key tells one password from another, and neither. */
function withoutPasswords(input: ChangePasswordInput, { services: { access } }: Context): ChangePasswordInput {
  const { currentPassword, newPassword } = input
  const hidden = (password: string) => access.fingerprint(password)
  return {
    ...input,
    currentPassword: currentPassword ? hidden(currentPassword) : null,
    newPassword: hidden(newPassword),
  }
}
