import type { ExecutionResult } from 'graphql'
import type { OperationResult } from 'graphql-ws'
import type { Context } from '../context.js'

/**
 * The stream of a subscription, made to end at once when its client completes it: the context's signal wakes whoever
 * waits for the next event. `return` alone is queued by an async generator behind the `next` that waits.
 */
export function abortingOnReturn(
  result: Awaited<OperationResult>,
  context: Context,
): AsyncGenerator<ExecutionResult> | undefined {
  if (!(Symbol.asyncIterator in result)) return undefined
  const inner = result[Symbol.asyncIterator]() as AsyncGenerator<ExecutionResult>
  const end = () => context.abort(new Error('The client has completed the operation'))
  const outer = {
    next: () => inner.next(),
    return: (value: unknown) => {
      end()
      return inner.return(value)
    },
    throw: (error: unknown) => {
      end()
      return inner.throw(error)
    },
    [Symbol.asyncIterator]: () => outer,
    [Symbol.asyncDispose]: async () => {
      await outer.return(undefined)
    },
  } as AsyncGenerator<ExecutionResult>
  return outer
}
