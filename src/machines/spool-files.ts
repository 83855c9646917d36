import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises'
import path from 'node:path'
import DataLoader from 'dataloader'
import type { AgentConnection } from './agent-connection.js'
import { type AttemptRef, MachineError, type StreamSizes } from './machine.js'

/** Reads the files that an attempt fills, byte for byte, also while it runs. A file that is not there is empty. */
export interface SpoolFiles {
  /** Makes the attempt's folder where that is cheaper than on the host, which makes it otherwise. Never rejects. */
  prepare(attempt: AttemptRef): Promise<void>
  read(attempt: AttemptRef, file: 'stdout' | 'stderr', offset: number, maxBytes: number): Promise<Buffer>
  /** The first bytes of the output. */
  readOutput(attempt: AttemptRef, maxBytes: number): Promise<Buffer>
  /** What was kept of the report. */
  readReport(attempt: AttemptRef, offset: number, maxBytes: number): Promise<Buffer>
  /** Of stdout and stderr. */
  sizes(attempt: AttemptRef): Promise<StreamSizes>
  /** The same, a little later: what is asked of many attempts meanwhile is one question to the host. */
  sizesTogether(attempt: AttemptRef): Promise<StreamSizes>
}

/** How long questions for sizes gather: each costs the host a process. */
const GATHER_MS = 50
const MAX_GATHERED = 200

/** Through the host's own file system. `ownerUid` is who the commands run as, `mode` that of an attempt's folders. */
export function createLocalFiles(spool: string, ownerUid: number, mode: number): SpoolFiles {
  const fileOf = (attempt: AttemptRef, name: string) => path.join(spool, folderOf(attempt), name)
  const sizes = async (attempt: AttemptRef) => ({
    STDOUT: await sizeOf(fileOf(attempt, 'stdout')),
    STDERR: await sizeOf(fileOf(attempt, 'stderr')),
  })
  return {
    // Saves the runner a fork of mkdir, 0.8 ms; if it fails, the runner's own try has the reason.
    async prepare(attempt) {
      await mkdir(fileOf(attempt, 'io'), { recursive: true, mode }).catch(() => {})
    },
    read: (attempt, file, offset, maxBytes) => readPart(fileOf(attempt, file), offset, maxBytes, ownerUid),
    readOutput: (attempt, maxBytes) => readPart(fileOf(attempt, 'io/output'), 0, maxBytes, ownerUid),
    readReport: (attempt, offset, maxBytes) => readPart(fileOf(attempt, 'report'), offset, maxBytes, ownerUid),
    sizes,
    sizesTogether: sizes,
  }
}

/** Through an agent, in base64: works wherever requests do. */
export function createAgentFiles(connection: AgentConnection): SpoolFiles {
  const ask = async (words: string) => Buffer.from(await connection.request(words), 'base64')
  const sizesOf = async (folders: readonly string[]) => {
    const sizes = parseSizes(await connection.request(`SIZES ${folders.join(' ')}`))
    const sizeOf = (file: string) => sizes.get(file) ?? 0
    return folders.map((folder) => ({ STDOUT: sizeOf(`${folder}/stdout`), STDERR: sizeOf(`${folder}/stderr`) }))
  }
  const gathered = new DataLoader(sizesOf, {
    cache: false,
    maxBatchSize: MAX_GATHERED,
    batchScheduleFn: (send) => void setTimeout(send, GATHER_MS),
  })
  return {
    prepare: async () => {},
    read: (attempt, file, offset, maxBytes) => ask(`READ ${folderOf(attempt)} ${file} ${offset + 1} ${maxBytes}`),
    readOutput: (attempt, maxBytes) => ask(`OUTPUT ${folderOf(attempt)} ${maxBytes}`),
    readReport: (attempt, offset, maxBytes) => ask(`READ ${folderOf(attempt)} report ${offset + 1} ${maxBytes}`),
    sizes: async (attempt) => (await sizesOf([folderOf(attempt)]))[0] as StreamSizes,
    sizesTogether: async (attempt) => gathered.load(folderOf(attempt)),
  }
}

/** By the file's name: what `wc -c` says of files that are not empty. */
function parseSizes(reply: string): Map<string, number> {
  return new Map(Array.from(reply.matchAll(/(\d+) (\S+)/g), ([, bytes, file]) => [file as string, Number(bytes)]))
}

/** The attempt's folder in the spool. Throws INVALID for an id that is no single, harmless name. */
export function folderOf(attempt: AttemptRef): string {
  const { instanceId, fence } = attempt
  if (!/^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$/.test(instanceId) || !Number.isSafeInteger(fence) || fence < 0) {
    throw new MachineError('INVALID', `An attempt is a TypeID and a fence from 0 on: ${instanceId} ${fence}`, false)
  }
  return `${instanceId}/${fence}`
}

/**
 * The task may do to its output what it likes: make it a link to a file of the server's, or a pipe that blocks. So links
 * are not followed, opening does not wait, and only a file that belongs to the task's user is read.
 */
async function readPart(file: string, offset: number, maxBytes: number, ownerUid: number): Promise<Buffer> {
  let handle: FileHandle
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENXIO', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return Buffer.alloc(0)
    throw new MachineError('IO', `${file} cannot be read: ${(error as Error).message}`, true, { cause: error })
  }
  try {
    const stats = await handle.stat()
    const isOurs = stats.uid === process.getuid?.() && stats.nlink === 1
    if (!stats.isFile() || !(stats.uid === ownerUid || isOurs)) return Buffer.alloc(0)
    return await readFully(handle, offset, Math.min(maxBytes, Math.max(0, stats.size - offset)))
  } finally {
    await handle.close()
  }
}

async function readFully(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}

async function sizeOf(file: string): Promise<number> {
  const stats = await stat(file).catch(() => null)
  return stats?.size ?? 0
}
