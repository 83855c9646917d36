import { type GraphQLField, type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql'
import type { AccessRule } from './access-rule.js'

/** Fields that nobody has said who may select: the schema is not served with one. */
export class MissingAccessRuleError extends Error {
  override readonly name = 'MissingAccessRuleError'
  readonly code = 'MISSING_ACCESS_RULE'
  constructor(readonly fields: readonly string[]) {
    super(`Every field must have a rule of access (@Access), given none: ${fields.join(', ')}`)
  }
}

type WithExtensions = { readonly extensions: { readonly [name: string]: unknown } }

/** A field's own rule, else its type's; undefined: it has none, and nobody may select it. */
export function accessRuleOf(type: WithExtensions, field: WithExtensions): AccessRule | undefined {
  return (field.extensions.access ?? type.extensions.access) as AccessRule | undefined
}

/** `Type.field` of every field without a rule. */
export function fieldsWithoutRule(schema: GraphQLSchema): string[] {
  return fieldsOf(schema)
    .filter(({ rule }) => rule === undefined)
    .map(({ name }) => name)
}

/** Every field of the schema that can be selected, with its rule. */
export function fieldsOf(
  schema: GraphQLSchema,
): { name: string; field: GraphQLField<unknown, unknown>; rule: AccessRule | undefined }[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => (isObjectType(type) || isInterfaceType(type)) && !type.name.startsWith('__'))
    .flatMap((type) => {
      if (!isObjectType(type) && !isInterfaceType(type)) return []
      return Object.values(type.getFields()).map((field) => ({
        name: `${type.name}.${field.name}`,
        field,
        rule: accessRuleOf(type, field),
      }))
    })
}
