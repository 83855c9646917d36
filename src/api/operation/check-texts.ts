import { type ASTVisitor, GraphQLError, type ValidationContext } from 'graphql'
import { checkText } from '../json-scalars.js'

/** A validation rule: literals in the query text hold no NUL and no half of a surrogate pair, whatever their type. */
export function textsRule(context: ValidationContext): ASTVisitor {
  return {
    StringValue(node) {
      try {
        checkText(node.value, 'A string')
      } catch (error) {
        context.reportError(new GraphQLError((error as Error).message, { nodes: node }))
      }
    },
  }
}

/** As textsRule, for every string in the variables, keys included. Throws a GraphQLError, BAD_USER_INPUT. */
export function checkVariableTexts(variables: unknown): void {
  const left: unknown[] = [variables]
  while (left.length > 0) {
    const value = left.pop()
    if (typeof value === 'string') checkOne(value)
    else if (Array.isArray(value)) for (const item of value) left.push(item)
    else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        checkOne(key)
        left.push(item)
      }
    }
  }
}

function checkOne(text: string): void {
  try {
    checkText(text, 'A variable')
  } catch (error) {
    throw new GraphQLError((error as Error).message, { extensions: { code: 'BAD_USER_INPUT' } })
  }
}
