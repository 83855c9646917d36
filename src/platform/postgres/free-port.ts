import { readFile, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'

/**
 * The port where the folder's server listened last, if it is free, else a new one, which is written down. Programs that
 * were connected before a crash know only the old one, so it is kept while possible.
 */
export async function choosePort(folder: string): Promise<number> {
  const file = path.join(folder, 'port')
  const last = Number(await readFile(file, 'utf8').catch(() => '0'))
  const port = (last > 0 ? await tryPort(last) : null) ?? (await tryPort(0))
  if (port === null) throw new Error('No TCP port is free on 127.0.0.1')
  if (port !== last) {
    await writeFile(`${file}.${process.pid}`, String(port))
    await rename(`${file}.${process.pid}`, file)
  }
  return port
}

/** The port (0: any) when nobody listens on it now, else null. */
function tryPort(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null))
    })
  })
}
