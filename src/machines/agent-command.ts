import { randomBytes } from 'node:crypto'
import { HOST_SCRIPT } from './agent-script.js'
import { ContactError } from './contact-error.js'
import { eachLine } from './lines.js'
import { agentRefusal, whyNoAgent } from './no-agent.js'
import { shellQuote } from './shell-quote.js'
import type { SpoolIdentity } from './spool-identity.js'
import type { Channel, Transport } from './transport.js'

export interface AgentOptions {
  readonly transport: Transport
  /** Absolute, or from the home of the one who runs the agent on. */
  readonly spool: string
  /** From the channel's opening to the agent's greeting; a ContactError (TIMEOUT) then. Default 15 s. */
  readonly greetingTimeoutMs?: number | undefined
  /** Called with whose spool it is, before anything is asked; what it throws is what opening throws. */
  readonly recognize?: ((identity: SpoolIdentity) => void) | undefined
  /** Instead of HOST_SCRIPT; for tests, which cut it at its stages. */
  readonly script?: string | undefined
}

/** More than this before the greeting is no chatty rc file any more. */
const MAX_NOISE_BYTES = 1 << 20

/**
 * Opens a channel to a new agent on the host. The script goes over the channel's stdin: nothing has to be installed
 * before, `ps` shows one short line, and no value is looked at by a login shell that may not be sh. Whatever a login's
 * rc files print comes before the greeting, which holds a number of this channel's own, and is left out.
 * Resolves when the agent has greeted; `onLine` then gets each line of its. Throws ContactError.
 */
export async function openAgent(options: AgentOptions, onLine: (line: string) => void): Promise<Channel> {
  const { spool, transport, script = HOST_SCRIPT } = options
  const greeting = `dagbook-${randomBytes(12).toString('hex')}`
  const text = Buffer.from(`NL='\n'\nset -- ${shellQuote(spool)} ${greeting}\n${script}`)
  // Only for whoever reads `ps`: quotes and backslashes mean something else to fish, and "!" to csh.
  const label = /^[\w./~-]+$/.test(spool) ? ` '${spool}'` : ''
  const channel = await transport.open(`sh -c 'eval "$(head -c ${text.length})"' dagbook-agent${label}`)
  try {
    const greeted = greetingOf(channel, greeting, options.greetingTimeoutMs ?? 15_000, onLine)
    channel.input.write(text)
    const [kind, ...words] = (await greeted).split(' ')
    if (kind !== 'OK') throw agentRefusal(words[0] ?? '', words.slice(1).join(' '))
    options.recognize?.({ spoolId: words[0] ?? '', machineId: words[1] ?? '' })
    return channel
  } catch (error) {
    channel.close()
    throw error
  }
}

/** What follows the greeting in its line. */
function greetingOf(
  channel: Channel,
  greeting: string,
  timeoutMs: number,
  onLine: (line: string) => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let noise = ''
    let isGreeted = false
    const timer = setTimeout(() => {
      const said = noise === '' ? '' : `; it printed ${JSON.stringify(noise.trim())}`
      reject(new ContactError('TIMEOUT', `No agent greeted within ${timeoutMs} ms${said}`))
    }, timeoutMs)
    let bytes = 0
    const count = (text: string) => {
      bytes += text.length
      if (bytes > MAX_NOISE_BYTES) reject(new ContactError('LOGIN_SHELL', 'The login prints without end'))
    }
    eachLine(channel.output, (line) => {
      if (isGreeted) return onLine(line)
      const at = line.indexOf(greeting)
      if (at === -1) noise = `${noise}${line}\n`.slice(-500)
      else {
        isGreeted = true
        clearTimeout(timer)
        channel.output.off('data', count)
        resolve(line.slice(at + greeting.length + 1))
      }
    })
    channel.output.on('data', count)
    void channel.closed.then((ending) => {
      clearTimeout(timer)
      if (!isGreeted) reject(whyNoAgent(ending, noise))
    })
  })
}
