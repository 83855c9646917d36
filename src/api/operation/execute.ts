import {
  type ExecutionResult,
  execute,
  type FormattedExecutionResult,
  type GraphQLError,
  type GraphQLFormattedError,
} from 'graphql'
import type { Logger } from '../../platform/logger.js'
import { DeadlineExceededError, ForbiddenError } from '../api-error.js'
import type { Context } from '../context.js'
import { formatError, withoutSuggestions } from '../errors.js'
import { hideTypes } from './hide-types.js'
import { type Operation, recordDenial } from './prepare.js'

/** Queries are cut after 10 s. What a mutation has begun goes on, so its caller is given longer to hear of it. */
export const DEADLINE_S = { query: 10, mutation: 60 }

/** Executes a checked query or mutation. Answers within the deadline, TIMEOUT if need be; every error is formatted. */
export async function executeOperation(operation: Operation, context: Context): Promise<FormattedExecutionResult> {
  const { schema, node, variables } = operation
  const document = context.viewer === null ? hideTypes(operation.document) : operation.document
  const operationName = node.name?.value ?? null
  const running = Promise.resolve(
    execute({
      schema,
      document,
      contextValue: context,
      variableValues: variables,
      operationName,
      hideSuggestions: true,
      options: { maxCoercionErrors: 20 },
    }),
  )
  const seconds = node.operation === 'mutation' ? DEADLINE_S.mutation : DEADLINE_S.query
  const timer = setTimeout(() => context.abort(new DeadlineExceededError(seconds)), seconds * 1_000)
  try {
    const result = await untilAborted(running, context.signal)
    return 'data' in result ? formatResult(result, context) : badVariables(result)
  } finally {
    clearTimeout(timer)
  }
}

/** Nothing was executed: the variables do not fit their types, and graphql-js says how, with suggestions. */
function badVariables({ errors = [] }: ExecutionResult): FormattedExecutionResult {
  const extensions = { code: 'BAD_USER_INPUT' }
  return { errors: errors.map(({ message }) => ({ message: withoutSuggestions(message), extensions })) }
}

/** The result as it may leave the server. */
export function formatResult(result: ExecutionResult, context: Context): FormattedExecutionResult {
  if (result.errors === undefined) return result as FormattedExecutionResult
  for (const { originalError } of result.errors) {
    if (originalError instanceof ForbiddenError) recordDenial(originalError, context)
  }
  return { ...result, errors: formatErrors(result.errors, context.requestId, context.services.logger) }
}

/** Errors as they may leave the server. */
export function formatErrors(
  errors: readonly Error[],
  requestId: string,
  logger: Logger,
): readonly GraphQLFormattedError[] {
  return errors.map((error) => formatError(error, requestId, logger))
}

/** The result, or the reason of the abort as the one error; resolvers that go on after that talk to nobody. */
function untilAborted(running: Promise<ExecutionResult>, signal: AbortSignal): Promise<ExecutionResult> {
  return new Promise((resolve, reject) => {
    const end = () => resolve({ data: null, errors: [signal.reason as GraphQLError] })
    signal.addEventListener('abort', end, { once: true })
    running.then(resolve, reject).finally(() => signal.removeEventListener('abort', end))
  })
}
