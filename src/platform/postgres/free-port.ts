import { randomInt } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { monotonicMs } from '../clock.js'
import { EmbeddedPostgresError } from './embedded-error.js'

/**
 * Ports to choose from. Below those that systems give to outgoing connections (from 32768 on Linux): a program that
 * knocks on such a port while nobody listens can get it as its own, reach itself, and so keep the server from it.
 */
const FIRST = 20_000
const LAST = 32_000
const TRIES = 100
const PORT_FILE = 'port'

/** Another program that starts the server looks whether the port is free by taking it for a moment. */
const LOOKING_MS = 1_000
const PAUSE_MS = 20

/**
 * The port where the folder's server listened last, unless it stays taken, else a new one. Programs that were connected
 * before a crash know only the old one, so it is kept while possible.
 */
export async function choosePort(folder: string): Promise<number> {
  const last = await lastPort(folder)
  if (last === null) return findFreePort()
  for (const begin = monotonicMs(); ; await pause(PAUSE_MS)) {
    if (await isFree(last)) return last
    if (monotonicMs() - begin > LOOKING_MS) return findFreePort()
  }
}

/** Writes down where the folder's server listens. */
export async function keepPort(folder: string, port: number): Promise<void> {
  if (port === (await lastPort(folder))) return
  const file = path.join(folder, PORT_FILE)
  await writeFile(`${file}.${process.pid}`, String(port))
  await rename(`${file}.${process.pid}`, file)
}

async function lastPort(folder: string): Promise<number | null> {
  return Number(await readFile(path.join(folder, PORT_FILE), 'utf8').catch(() => '')) || null
}

async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = randomInt(FIRST, LAST)
    if (await isFree(port)) return port
  }
  throw new EmbeddedPostgresError(
    'START_FAILED',
    `No port of ${TRIES} tried from ${FIRST} to ${LAST} is free on 127.0.0.1`,
  )
}

/** Whether nobody listens on it now. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
