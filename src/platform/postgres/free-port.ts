import { randomInt } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { EmbeddedPostgresError } from './embedded-error.js'

/**
 * Ports to choose from. Below those that systems give to outgoing connections (from 32768 on Linux): a program that
 * knocks on such a port while nobody listens can get it as its own, reach itself, and so keep the server from it.
 */
const FIRST = 20_000
const LAST = 32_000
const TRIES = 100

/**
 * The port where the folder's server listened last, if it is free, else a new one, which is written down. Programs that
 * were connected before a crash know only the old one, so it is kept while possible.
 */
export async function choosePort(folder: string): Promise<number> {
  const file = path.join(folder, 'port')
  const last = Number(await readFile(file, 'utf8').catch(() => '0'))
  if (last > 0 && (await isFree(last))) return last
  const port = await findFreePort()
  await writeFile(`${file}.${process.pid}`, String(port))
  await rename(`${file}.${process.pid}`, file)
  return port
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
