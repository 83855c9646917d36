import type { CommandId } from '../domain/ids.js'
import { newId } from '../platform/ids.js'
import type { Addressed, Command } from './command.js'
import type { Prepared } from './prepared.js'

/** A wish of the platform's own, with what follows on it; it may be repeated. */
export function systemCommand({ streamId, command, also = [] }: Prepared): Command {
  const first = addressed(streamId, command, null)
  return { ...first, also: also.map((next) => addressed(next.streamId, next.command, first.id)) }
}

function addressed(streamId: string, command: Addressed, causationId: string | null): Command {
  const id = newId('command') as CommandId
  return { ...command, id, streamId, actor: 'system', correlationId: null, causationId, once: null }
}
