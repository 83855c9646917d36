import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ServerFailure } from '../failure.js'

/** Longer than what is done under the lock can take (one request, 30 s): an older lock belongs to nobody. */
const ABANDONED_AFTER_MS = 60_000
const GIVE_UP_AFTER_MS = 90_000

/**
 * Runs `work` while no other process does so under the same path. A lock whose process is gone, or that is older than a
 * minute, is taken over. Throws a ServerFailure after 90 s of waiting.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), nonce: randomUUID() })
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const startedAt = Date.now()
  while (!(await tryToCreate(path, mine))) {
    if (Date.now() - startedAt > GIVE_UP_AFTER_MS) {
      throw new ServerFailure(`Lock ${path}: another process holds it for ${GIVE_UP_AFTER_MS / 1_000} s`, `rm ${path}`)
    }
    await removeIfAbandoned(path)
    await delay(20 + Math.random() * 60)
  }
  try {
    return await work()
  } finally {
    // Someone may have judged this lock abandoned; then the file there is not ours to remove.
    if ((await contentOf(path)) === mine) await rm(path, { force: true })
  }
}

/** The content appears together with the name, so nobody reads a half-written lock. */
async function tryToCreate(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, content, { mode: 0o600 })
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

/**
 * Renaming takes away whatever is there: when that is no longer what was judged, it is put back, since its owner
 * believes to hold it.
 */
async function removeIfAbandoned(path: string): Promise<void> {
  const judged = await contentOf(path)
  if (judged === undefined || !(await isAbandoned(path, judged))) return
  const aside = `${path}.${randomUUID()}`
  await rename(path, aside).catch(() => undefined)
  const taken = await contentOf(aside)
  if (taken !== undefined && taken !== judged) await link(aside, path).catch(() => undefined)
  await rm(aside, { force: true })
}

async function isAbandoned(path: string, content: string): Promise<boolean> {
  const owner = parseOwner(content)
  if (owner?.host === hostname() && !isAlive(owner.pid)) return true
  const modified = await stat(path).then(
    (stats) => stats.mtimeMs,
    () => Number.POSITIVE_INFINITY,
  )
  return Date.now() - modified > ABANDONED_AFTER_MS
}

function parseOwner(content: string): { pid: number; host: string } | undefined {
  try {
    return JSON.parse(content) as { pid: number; host: string }
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function contentOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}
