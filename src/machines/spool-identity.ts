import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

/** Whose spool this is: `local` belongs to the host that registered it. */
export interface SpoolIdentity {
  /** /etc/machine-id; the host's name where there is none. */
  readonly machineId: string
  /** Made with the spool, once. */
  readonly spoolId: string
}

/** Reads the spool's identity, and makes it when the spool is new. Any number of servers may ask at once. */
export async function spoolIdentity(spoolDir: string): Promise<SpoolIdentity> {
  await mkdir(spoolDir, { recursive: true, mode: 0o700 })
  const file = path.join(spoolDir, '.id')
  const machineId = (await readFile('/etc/machine-id', 'utf8').catch(() => '')).trim()
  return { machineId: machineId === '' ? os.hostname() : machineId, spoolId: await readOrMake(file) }
}

/** Written beside and linked into place, so that nobody ever sees half of it. */
async function readOrMake(file: string): Promise<string> {
  const draft = `${file}.${randomUUID()}`
  const existing = await readFile(file, 'utf8').catch(() => null)
  if (existing !== null) return existing.trim()
  await writeFile(draft, `${randomUUID()}\n`, { mode: 0o600 })
  try {
    await link(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await unlink(draft)
  }
  return (await readFile(file, 'utf8')).trim()
}
