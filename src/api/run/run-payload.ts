import type { Context } from '../context.js'
import type { Changed } from '../mutate.js'
import type { UserError } from '../user-error.js'
import { loadRun } from './load-runs.js'
import type { RunPayload } from './run.input.js'

/** The run that was changed, as it is now. */
export async function payloadOf(context: Context, { streamId, userErrors, position }: Changed): Promise<RunPayload> {
  const run = streamId === null ? null : ((await loadRun(streamId, context)) as RunPayload['run'])
  return { run, userErrors, position }
}

/** No run, and why. */
export function refused(userErrors: UserError[]): RunPayload {
  return { run: null, userErrors, position: null }
}
