import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import type { Client, ClientChannel } from 'ssh2'
import { SshConnection } from '../../src/machines/ssh-connection.js'

it('a channel that opens when nobody waits for it any more is read to its end and closed, whatever it does', async () => {
  let opened: (error: undefined, stream: ClientChannel) => void = () => {}
  const exec = (_: string, done: typeof opened) => {
    opened = done
  }
  const client = Object.assign(new EventEmitter(), { exec, end: () => {} }) as unknown as Client
  const socket = Object.assign(new EventEmitter(), { destroyed: false, destroy: () => socket.emit('close') })
  const times = { openTimeoutMs: 1, keepaliveMs: 60_000, keepaliveMisses: 3, maxChannels: 4 }
  const connection = new SshConnection({ client, socket: socket as unknown as Socket }, times, () => {})
  await expect(connection.open('true')).rejects.toMatchObject({ reason: 'TIMEOUT' })
  const stream = Object.assign(new PassThrough(), { stderr: new PassThrough() })
  opened(undefined, stream as unknown as ClientChannel)
  expect([stream.destroyed, stream.readableFlowing, stream.stderr.readableFlowing]).toEqual([true, true, true])
  // Without anybody to hear it, it would end the process.
  for (const each of [stream, stream.stderr]) each.emit('error', new Error('the line broke'))
  socket.destroy()
  expect(await connection.closed).toBe('the connection was closed by the host')
})
