import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { UsageFailure } from '../failure.js'

const Tokens = z.object({
  username: z.string(),
  accessToken: z.string(),
  refreshToken: z.string(),
  /** RFC 3339: when the access token stops working. */
  expiresAt: z.string(),
})

const Context = z.object({
  version: z.literal(1),
  currentServer: z.string(),
  /** By server address. */
  servers: z.record(z.string(), Tokens),
})

export type StoredTokens = z.infer<typeof Tokens>
export type StoredContext = z.infer<typeof Context>

/** DAGBOOK_CONFIG, else `dagbook/context.json` in the XDG configuration folder. */
export function contextPath(env: Readonly<Record<string, string | undefined>>): string {
  if (env.DAGBOOK_CONFIG) return env.DAGBOOK_CONFIG
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'dagbook', 'context.json')
}

/** The stored context, or undefined when there is none. A file of another shape is a UsageFailure. */
export async function readContext(path: string): Promise<StoredContext | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new UsageFailure(`Context file ${path}: cannot be read (${(error as Error).message})`)
  }
  try {
    return Context.parse(JSON.parse(text))
  } catch (error) {
    const message = `Context file ${path}: must be what \`dagbook login\` writes`
    throw new UsageFailure(message, `rm ${path} && dagbook login`, { cause: error })
  }
}

/** Replaces the file in one step, readable by its owner only: a reader sees the old one or the new one. */
export async function writeContext(path: string, context: StoredContext): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    await writeFile(draft, `${JSON.stringify(context, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true })
    // The mode above is cut by the umask only downwards; a file system that ignores modes at creation is corrected.
    await chmod(draft, 0o600)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
