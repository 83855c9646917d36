import type { ClientChannel } from 'ssh2'
import type { Channel, Ending } from './transport.js'

/** From a program's end to the end of its channel, which a process that it left may hold open. */
const LINGER_MS = 250
/** A host that does not answer a good-bye is not waited for longer. */
const CLOSE_MS = 1_000

/** An exec channel of ssh2's as ours; `lost` resolves when the connection below is gone. */
export function channelOf(stream: ClientChannel, lost: Promise<string>): Channel {
  let complaint = ''
  stream.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-500)
  })
  // `closed` tells.
  stream.on('error', () => {})
  stream.stderr.on('error', () => {})
  let timer: NodeJS.Timeout | null = null
  let close = () => {}
  const closed = new Promise<Ending>((resolve) => {
    let exitCode: number | null = null
    let how = 'contact with the host was lost'
    const hangUp = () => {
      // What comes now must not be heard beside the next agent, but has to flow: else the channel never closes.
      stream.removeAllListeners('data').resume()
      stream.destroy()
    }
    const finish = () => {
      if (timer !== null) clearTimeout(timer)
      hangUp()
      const said = complaint.trim()
      resolve({ reason: `${how} ${said}`.trim(), exitCode, complaint: said })
    }
    const finishIn = (ms: number) => {
      timer ??= setTimeout(finish, ms)
    }
    stream.once('exit', (code: number | null, signal?: string) => {
      exitCode = code
      how = `its agent ended (${signal ?? code})`
      finishIn(LINGER_MS)
    })
    // Of a broken connection its own end says more, and comes in the same moment.
    stream.once('close', () => setImmediate(finish))
    void lost.then((reason) => {
      how = reason
      finish()
    })
    close = () => {
      how = 'it was closed'
      hangUp()
      finishIn(CLOSE_MS)
    }
  })
  return { input: stream, output: stream, closed, close: () => close() }
}
