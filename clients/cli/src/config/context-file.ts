import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { UsageFailure } from '../failure.js'
import { contextNameFor, isContextName } from './context-name.js'

const Tokens = z.object({
  username: z.string(),
  accessToken: z.string(),
  refreshToken: z.string(),
  /** RFC 3339: when the access token stops working. */
  expiresAt: z.string(),
})

const Context = z.object({
  /** The server's address; the tokens are shown to no other. */
  server: z.string(),
  /** null: nobody is signed in. */
  tokens: Tokens.nullable(),
})

const Contexts = z.object({
  version: z.literal(2),
  /** The name of the one that is used when none is named. */
  current: z.string().nullable(),
  contexts: z.record(z.string().refine(isContextName), Context),
})

/** The first version: one identity a server, named by its address. */
const Former = z.object({ version: z.literal(1), currentServer: z.string(), servers: z.record(z.string(), Tokens) })

export type StoredTokens = z.infer<typeof Tokens>
export type StoredContext = z.infer<typeof Context>
export type StoredContexts = z.infer<typeof Contexts>

export const NO_CONTEXTS: StoredContexts = { version: 2, current: null, contexts: {} }

/** DAGBOOK_CONFIG, else `dagbook/context.json` in the XDG configuration folder. */
export function contextPath(env: Readonly<Record<string, string | undefined>>): string {
  if (env.DAGBOOK_CONFIG) return env.DAGBOOK_CONFIG
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'dagbook', 'context.json')
}

/** The stored contexts, none when there is no file. A file of another shape is a UsageFailure. */
export async function readContexts(path: string): Promise<StoredContexts> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NO_CONTEXTS
    throw new UsageFailure(`Context file ${path}: cannot be read (${(error as Error).message})`)
  }
  try {
    const stored = z.union([Contexts, Former]).parse(JSON.parse(text))
    return stored.version === 1 ? named(stored) : stored
  } catch (error) {
    const message = `Context file ${path}: must be what \`dagbook login\` writes`
    throw new UsageFailure(message, `rm ${path} && dagbook login`, { cause: error })
  }
}

/** A former file's servers, each a context with the name that a login gives it today. */
function named({ currentServer, servers }: z.infer<typeof Former>): StoredContexts {
  const contexts: Record<string, StoredContext> = {}
  const all = currentServer in servers ? servers : { ...servers, [currentServer]: null }
  let current: string | null = null
  for (const [server, tokens] of Object.entries(all)) {
    const name = contextNameFor(server, contexts)
    contexts[name] = { server, tokens }
    if (server === currentServer) current = name
  }
  return { version: 2, current, contexts }
}

/** Replaces the file in one step, readable by its owner only: a reader sees the old one or the new one. */
export async function writeContexts(path: string, contexts: StoredContexts): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    await writeFile(draft, `${JSON.stringify(contexts, null, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true })
    // The mode above is cut by the umask only downwards; a file system that ignores modes at creation is corrected.
    await chmod(draft, 0o600)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
