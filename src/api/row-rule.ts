import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLSchema, isNonNullType } from 'graphql'
import { hasPermission } from '../access/viewer.js'
import type { Permission } from '../domain/user/user.js'
import { fieldsOf } from './access-walk.js'
import type { Context } from './context.js'

const PREFIX = 'self-or-permission:'

/**
 * Puts the check of `self-or-permission` before the resolvers of the few fields that have it, for it depends on the row:
 * null unless the object is the viewer. Throws when such a field could not be null.
 */
export function applyRowRules(schema: GraphQLSchema): void {
  for (const { name, field, rule } of fieldsOf(schema)) {
    if (rule === undefined || !rule.startsWith(PREFIX)) continue
    if (isNonNullType(field.type)) throw new Error(`${name} has the rule ${rule} and must be nullable`)
    field.resolve = guarded(rule.slice(PREFIX.length) as Permission, field.resolve ?? defaultFieldResolver)
  }
}

function guarded(
  permission: Permission,
  resolve: GraphQLFieldResolver<unknown, unknown>,
): GraphQLFieldResolver<unknown, unknown> {
  return (source, args, context, info) => {
    const { viewer } = context as Context
    if (viewer === null) return null
    const isSelf = (source as { id: string }).id === viewer.userId
    return isSelf || hasPermission(viewer, permission) ? resolve(source, args, context, info) : null
  }
}
