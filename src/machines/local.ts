import { chmod, mkdir } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { Logger } from '../platform/logger.js'
import { AgentMachine } from './agent-machine.js'
import { LOGIN_PATH } from './command-spec.js'
import { createLocalTransport } from './local-transport.js'
import { type Machine, MachineError } from './machine.js'
import { createLocalFiles } from './spool-files.js'

export interface LocalMachineOptions {
  /** Made when missing, for the server's user alone; with `user` set others may pass through, but not look into it. */
  readonly spoolDir: string
  /** Where relative directories begin. */
  readonly defaultDirectory: string
  /** Run commands as this user (the server must be root); null: as the server's own user. */
  readonly user: string | null
  /** PATH of commands that bring none. Default: the usual one of a login. */
  readonly path?: string | undefined
  readonly lang?: string | undefined
  readonly logger?: Logger | undefined
  /** `AGENT`: read files as a remote machine has to. Default `DIRECT`. */
  readonly reading?: 'DIRECT' | 'AGENT' | undefined
  /** Between two samples of an attempt; null (default): none are taken. */
  readonly sampleSeconds?: number | null | undefined
  readonly requestTimeoutMs?: number | undefined
  /** Instead of HOST_SCRIPT; for tests, which cut it at its stages. */
  readonly script?: string | undefined
}

/**
 * This host. Attempts survive the server; the next one that opens the same spool finds them again.
 * Throws DENIED when `user` is given and the server is not root, IO when the spool cannot be made.
 */
export async function createLocalMachine(options: LocalMachineOptions): Promise<Machine> {
  const { user, reading, requestTimeoutMs, sampleSeconds, script } = options
  const isRoot = process.getuid?.() === 0
  if (user !== null && !isRoot) {
    throw new MachineError('DENIED', `Only root may run tasks as another user: ${user}`, false)
  }
  if (user === null && isRoot) {
    options.logger?.warn('Tasks on this machine run as root; name another user in DAGBOOK_LOCAL_USER')
  }
  const spool = path.resolve(options.spoolDir)
  const mode = user === null ? 0o700 : 0o711
  await makeSpool(spool, mode)
  const commandPath = options.path ?? LOGIN_PATH
  return new AgentMachine({
    transport: createLocalTransport({ path: `${LOGIN_PATH}:${commandPath}`, home: os.homedir() }),
    spool,
    user,
    defaultDirectory: path.resolve(options.defaultDirectory),
    path: commandPath,
    lang: options.lang ?? 'C.UTF-8',
    sampleSeconds,
    requestTimeoutMs,
    script,
    ...(reading === 'AGENT' ? {} : { files: (facts) => createLocalFiles(facts.spool, facts.account.uid, mode) }),
  })
}

async function makeSpool(spool: string, mode: number): Promise<void> {
  try {
    await mkdir(spool, { recursive: true, mode })
    await chmod(spool, mode)
  } catch (error) {
    throw new MachineError('IO', `The spool cannot be made: ${spool}`, false, { cause: error })
  }
}
