import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { choosePort, keepPort } from '../../../src/platform/postgres/free-port.js'

let folder: string
let port: number
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'dagbook-port-'))
  port = await choosePort(folder)
  await keepPort(folder, port)
})
afterEach(() => rm(folder, { recursive: true }))

function listen(on: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(on, '127.0.0.1', () => resolve(server))
  })
}

it('the port is kept while it is free', async () => {
  expect(await choosePort(folder)).toBe(port)
})

it('who takes the port for a moment, to look whether it is free, does not move the server', async () => {
  const other = await listen(port)
  setTimeout(() => other.close(), 100)
  expect(await choosePort(folder)).toBe(port)
})

it('a port that stays taken is given up, and written down where the server listens then', async () => {
  const other = await listen(port)
  const another = await choosePort(folder)
  expect(another).not.toBe(port)
  expect(await readFile(path.join(folder, 'port'), 'utf8')).toBe(String(port))
  await keepPort(folder, another)
  expect(await readFile(path.join(folder, 'port'), 'utf8')).toBe(String(another))
  await new Promise((resolve) => other.close(resolve))
})
