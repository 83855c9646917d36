import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { UsageFailure } from '../failure.js'
import type { Terminal } from '../terminal.js'

/** The text of a file, or of stdin for `-`. Throws UsageFailure when it cannot be read. */
export async function readSource(file: string, terminal: Terminal): Promise<string> {
  if (file === '-') return text(terminal.stdin)
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new UsageFailure(`File ${file}: cannot be read (${code === 'ENOENT' ? 'there is none' : message})`)
  }
}
