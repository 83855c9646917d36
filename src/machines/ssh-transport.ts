import { ContactError } from './contact-error.js'
import type { SshPool } from './ssh-pool.js'
import type { Channel, Transport } from './transport.js'

/**
 * Channels on a host's shared connections, as the login or, through `sudo -n`, as another user. Closing it ends its own
 * channels only.
 */
export function createSshTransport(pool: SshPool, user: string | null): Transport {
  const channels = new Set<Channel>()
  const closing = new AbortController()
  const prefix = user === null ? 'exec ' : `exec ${become(user)} `
  return {
    async open(command) {
      const opening = pool.open(prefix + command)
      const channel = await unlessAborted(opening, closing.signal)
      channels.add(channel)
      void channel.closed.then(() => channels.delete(channel))
      return channel
    },
    async close() {
      closing.abort()
      const open = [...channels]
      for (const channel of open) channel.close()
      await Promise.all(open.map(({ closed }) => closed))
    },
  }
}

/** In English, so that its refusals can be told apart. `user` is a plain word (host-facts.ts). */
function become(user: string): string {
  return `env LC_ALL=C sudo -n -H -u ${user} --`
}

/** The channel, or a refusal as soon as the signal aborts: a channel that comes later is closed. */
function unlessAborted(opening: Promise<Channel>, signal: AbortSignal): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const refuse = () => reject(new ContactError('CONNECT', 'The machine is closed'))
    signal.addEventListener('abort', refuse, { once: true })
    if (signal.aborted) refuse()
    opening
      .then((channel) => {
        if (signal.aborted) channel.close()
        else resolve(channel)
      }, reject)
      .finally(() => signal.removeEventListener('abort', refuse))
  })
}
