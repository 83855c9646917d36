/** `size` times `true` over one SSH connection, each in an exec channel of its own, for each width. Nothing is kept. */
import { once } from 'node:events'
import { Client } from 'ssh2'
import { finish, inFlight, task } from '../lib/measure.mjs'
import { startSshd } from '../lib/sshd.mjs'

const WARM_UP = 5

const { size } = task()
const sshd = await startSshd()
const client = new Client()
client.connect({ host: sshd.host, port: sshd.port, username: sshd.loginUser, privateKey: sshd.privateKey })
await once(client, 'ready')
const measures = {}
for (const width of [1, 8, 32]) {
  await inFlight(WARM_UP, width, exec)
  const begin = performance.now()
  await inFlight(size, width, exec)
  measures[`rate${width}`] = size / ((performance.now() - begin) / 1_000)
}
client.end()
sshd.stop()
finish(measures)

function exec() {
  return new Promise((resolve, reject) => {
    client.exec('true', (error, stream) => {
      if (error) return reject(error)
      let code = null
      stream.on('exit', (exitCode) => (code = exitCode))
      stream.on('close', () => (code === 0 ? resolve() : reject(new Error(`Ended with ${code}`)))).resume()
      stream.stderr.resume()
    })
  })
}
