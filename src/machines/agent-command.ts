import { HOST_SCRIPT } from './agent-script.js'
import { shellQuote } from './shell-quote.js'
import type { Channel, Transport } from './transport.js'

/**
 * Opens a channel to a new agent on the host. The script goes over the channel's stdin: nothing has to be installed
 * before, `ps` shows one short line, and the words mean the same to any login shell.
 */
export async function openAgent(transport: Transport, spool: string, script = HOST_SCRIPT): Promise<Channel> {
  const text = Buffer.from(script)
  const words = `exec sh -c 'eval "$(head -c ${text.length})"' dagbook-agent ${shellQuote(spool)}`
  const channel = await transport.open(words)
  channel.input.write(text)
  return channel
}
