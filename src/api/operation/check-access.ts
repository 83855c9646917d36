import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql'
import { type Action, mayAnywhere } from '../../access/policy.js'
import { hasPermission, hasScope, type Viewer } from '../../access/viewer.js'
import type { Permission } from '../../domain/user/user.js'
import type { AccessRule } from '../access-rule.js'
import { ForbiddenError, UnauthenticatedError } from '../api-error.js'
import type { Context } from '../context.js'
import { requirementsOf } from './requirements.js'

/**
 * Refuses an operation with a field that the caller may not select, before anything of it runs. Throws
 * UnauthenticatedError or ForbiddenError.
 */
export function checkAccess(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  context: Context,
): void {
  const { rules, isSigningIn } = requirementsOf(schema, document, operation)
  // Who renews a session may still send the token that has run out.
  if (context.isTokenRefused && !isSigningIn) {
    throw new UnauthenticatedError('The access token is not valid, or no longer: refresh the session or sign in')
  }
  for (const [rule, place] of rules) {
    if (isAllowed(rule, context.viewer)) continue
    throw context.viewer === null ? new UnauthenticatedError() : new ForbiddenError(place)
  }
}

/** Whether the rule lets the viewer select a field, as far as that can be told without its row. */
export function isAllowed(rule: AccessRule | 'none', viewer: Viewer | null): boolean {
  if (rule === 'none') return false
  if (rule === 'public') return true
  if (viewer === null) return false
  if (rule === 'signedIn' || rule.startsWith('self-or-permission:')) return hasScope(viewer, 'read')
  if (rule === 'admin') return viewer.role === 'ADMIN' && hasScope(viewer, 'read')
  if (rule.startsWith('permission:')) return hasPermission(viewer, rule.slice('permission:'.length) as Permission)
  return mayAnywhere(viewer, rule.slice('action:'.length) as Action)
}
