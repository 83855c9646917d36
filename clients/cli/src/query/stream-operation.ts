import { type Failure, IncompatibleFailure, RefusedFailure } from '../failure.js'
import { backOff } from '../graphql/backoff.js'
import { ASK_THE_SCHEMA } from '../graphql/failure-of.js'
import { follow } from '../graphql/follow.js'
import type { WireError } from '../graphql/post.js'
import { StreamCut } from '../graphql/sockets.js'
import type { Connection, World } from '../world.js'
import type { Operation } from './operation.js'
import { resumableOperation } from './resumable-operation.js'

/**
 * Hands over each item of a subscription until the server ends it or the signal is aborted. After a cut it goes on: behind
 * the last position where its items have one, so that nothing is missed or comes twice; otherwise from then on, and says so.
 */
export async function streamOperation(
  world: World,
  connection: Connection,
  operation: Operation,
  variables: Record<string, unknown>,
  onItem: (item: unknown) => void,
): Promise<void> {
  // A server that is down, or a session that has ended, is told now; the position closes the gap before the first item.
  const { position } = await connection.api.query('query Ping { __typename }')
  const resumable = await resumableOperation(operation, variables)
  try {
    if (resumable === undefined) return await withGaps(world, connection, operation, variables, onItem)
    const onCut = (error: Error, failures: number): void => {
      if (failures === 3) world.terminal.note(`${error.message}; trying again until it works`)
    }
    const options = { after: resumable.after ?? position, signal: world.signal, onCut }
    for await (const item of follow(connection.sockets, resumable.stream, options)) onItem(resumable.shown(item))
  } catch (error) {
    throw error instanceof IncompatibleFailure ? asRefusal(error) : error
  }
}

async function withGaps(
  { signal, terminal }: World,
  { sockets }: Connection,
  { document, name }: Operation,
  variables: Record<string, unknown>,
  onItem: (item: unknown) => void,
): Promise<void> {
  const { print } = await import('graphql')
  for (let failures = 0; !signal.aborted; ) {
    try {
      for await (const item of sockets.subscribe(print(document), variables, signal, name)) {
        failures = 0
        onItem(item)
      }
      return
    } catch (error) {
      if (!(error instanceof StreamCut)) throw error
      failures += 1
      if (failures === 1) terminal.note(`${error.message}; it begins anew, and what comes in between is missing`)
      await backOff(failures, signal)
    }
  }
}

/** Here the question is the person's, so that the server does not understand it is no matter of versions. */
function asRefusal({ cause }: IncompatibleFailure): Failure {
  return new RefusedFailure((cause as WireError).message, ASK_THE_SCHEMA)
}
