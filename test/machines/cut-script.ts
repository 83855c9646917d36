import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { HOST_SCRIPT } from '../../src/machines/agent-script.js'

/** Every point at which the host's scripts say that they may be killed. */
export const STAGES = [...HOST_SCRIPT.matchAll(/# stage: (\w+)/g)].map((match) => match[1] as string)

/**
 * The host's scripts, with a kill -9 of the process that reaches a stage in it, for the one instance whose id the spool's
 * file `.cut` names; the file is removed first, so that it happens once.
 */
export function cutAt(stage: string): string {
  const id = `read -r cut < "$spool/.cut" && case "$work $entry" in *"$cut"*) true ;; *) false ;; esac`
  const kill = 'read -r cut _ < /proc/self/stat; rm "$spool/.cut"; kill -s KILL "$cut"'
  const verb = stage === 'asked' || stage === 'answered' ? '[ "$verb" = START ] && ' : ''
  const text = `if ${verb}[ -s "$spool/.cut" ] && ${id}; then ${kill}; fi`
  return HOST_SCRIPT.replace(`# stage: ${stage}\n`, `${text}\n`)
}

/** Arms the cut for one instance. */
export async function arm(spool: string, instanceId: string): Promise<void> {
  await writeFile(path.join(spool, '.cut'), `${instanceId}\n`)
}
