import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { atGate } from '../helpers/gate.js'
import type { Sandbox } from './sandbox.js'

/** A file to which the tasks of a test say that they begin and end, one short line each (O_APPEND: never torn). */
export class Recorder {
  readonly file: string

  constructor(sandbox: Sandbox, name = 'recorder') {
    this.file = path.join(sandbox.folder, name)
  }

  async lines(): Promise<string[]> {
    const text = await readFile(this.file, 'utf8').catch(() => '')
    return text.split('\n').slice(0, -1)
  }
}

/** What tasks of a test have in common: the file arrives as a parameter, never as text of the shell. */
export const RECORDER_PARAMETER = {
  type: 'object',
  properties: { recorder: { type: 'string' }, gate: { type: 'string' } },
  required: ['recorder'],
}

/** A command between its two lines in the recorder. */
export function recorded(command: string): string {
  return `echo "begin $DAGBOOK_TASK" >> "$DAGBOOK_PARAM_RECORDER"
${command}
echo "end $DAGBOOK_TASK" >> "$DAGBOOK_PARAM_RECORDER"
`
}

/** Waits until the test opens the gate that the parameter `gate` names. */
export const AT_THE_GATE = atGate('$DAGBOOK_PARAM_GATE')
