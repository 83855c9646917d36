import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'

/** The one secret of an installation; every other key is derived from it. */
export interface SecretKey {
  /** A 256-bit key for one purpose (`access-token`, `encryption`), the same for ever; purposes tell nothing of each other. */
  deriveKey(purpose: string): KeyObject
}

/** The secret key is too short, or others may read its file. */
export class SecretKeyError extends Error {
  override readonly name = 'SecretKeyError'
  constructor(
    readonly code: 'SECRET_KEY_TOO_SHORT' | 'SECRET_KEY_EXPOSED',
    message: string,
  ) {
    super(message)
  }
}

/**
 * The configured key (DAGBOOK_SECRET_KEY), or that of the file `secret-key` in the data folder, made with mode 0600 by
 * whoever comes first. The text itself is the secret, so a file's text can be given to a second host as the variable.
 */
export async function openSecretKey(options: { configured: string | null; dataDir: string }): Promise<SecretKey> {
  const text = options.configured ?? (await readOrMake(path.join(options.dataDir, 'secret-key')))
  if (text.length < 32) {
    throw new SecretKeyError('SECRET_KEY_TOO_SHORT', `Secret key must have 32 characters or more, given ${text.length}`)
  }
  return {
    deriveKey: (purpose) => createSecretKey(Buffer.from(hkdfSync('sha256', text, 'dagbook', purpose, 32))),
  }
}

async function readOrMake(file: string): Promise<string> {
  try {
    return await readKey(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  await makeKey(file)
  return readKey(file)
}

async function readKey(file: string): Promise<string> {
  const { mode } = await stat(file)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    const given = (mode & 0o777).toString(8)
    throw new SecretKeyError(
      'SECRET_KEY_EXPOSED',
      `Secret key file ${file} must be for its owner alone (chmod 600), given mode ${given}`,
    )
  }
  return (await readFile(file, 'utf8')).trim()
}

/** Written whole and to the disk before it has its name, so nobody reads half a key and a crash leaves none. */
async function makeKey(file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(`${randomBytes(32).toString('base64url')}\n`)
    await handle.sync()
    await link(draft, file)
  } catch (error) {
    // Another process was first; its key counts.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await handle.close()
    await rm(draft, { force: true })
  }
}
