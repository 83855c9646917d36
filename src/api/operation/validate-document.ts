import { type DocumentNode, type GraphQLError, type GraphQLSchema, specifiedRules, validate } from 'graphql'
import { textsRule } from './check-texts.js'
import { limitsRule } from './limits.js'

const MAX_ERRORS = 20

const known = new WeakMap<DocumentNode, readonly GraphQLError[]>()

/**
 * What is wrong with a document, found once per document. The limits come first: some rules of graphql-js are slow on
 * what the limits refuse.
 */
export function validateDocument(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  const before = known.get(document)
  if (before !== undefined) return before
  const limits = validate(schema, document, [limitsRule, textsRule], { maxErrors: MAX_ERRORS })
  const options = { maxErrors: MAX_ERRORS, hideSuggestions: true }
  const errors = limits.length > 0 ? limits : validate(schema, document, specifiedRules, options)
  known.set(document, errors)
  return errors
}
