import { execFileSync } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { requireProgram } from './require-program.js'
import { whyNotRoot } from './unless.js'

const IP = '/sbin/ip'

/**
 * Why this host lets us make no network namespaces, or null: only root may, and not in every container. Throws where `ip` is
 * missing and cannot be installed.
 */
export function whyNoNamespaces(): string | null {
  if (whyNotRoot() !== null) return whyNotRoot()
  requireProgram(IP, 'iproute2')
  try {
    Cable.plug().remove()
    return null
  } catch (error) {
    return `network namespaces cannot be made here: ${(error as Error).message.trim()}`
  }
}

/** A network namespace for a host, and the cable between it and ours, which can be pulled out at the host's end. */
export class Cable {
  private constructor(
    /** As `ip netns` and nsenter know it. */
    readonly namespace: string,
    /** The host's. */
    readonly address: string,
  ) {}

  /** Throws what `ip` says where that cannot be. */
  static plug(): Cable {
    const name = `dagbook${randomBytes(3).toString('hex')}`
    // Of the networks for measurements (RFC 2544), a quarter of 256 at a time.
    const [net, base] = [`198.18.${randomInt(256)}`, 4 * randomInt(64)]
    const cable = new Cable(name, `${net}.${base + 2}`)
    try {
      ip('netns', 'add', name)
      ip('link', 'add', `${name}a`, 'type', 'veth', 'peer', 'name', `${name}b`, 'netns', name)
      ip('address', 'add', `${net}.${base + 1}/30`, 'dev', `${name}a`)
      ip('-n', name, 'address', 'add', `${net}.${base + 2}/30`, 'dev', `${name}b`)
      ip('link', 'set', `${name}a`, 'up')
      cable.set('up')
      return cable
    } catch (error) {
      cable.remove()
      throw error
    }
  }

  set(state: 'up' | 'down'): void {
    ip('-n', this.namespace, 'link', 'set', `${this.namespace}b`, state)
  }

  /** Together with the namespace; what runs in there has to be ended before. */
  remove(): void {
    for (const words of [
      ['link', 'delete', `${this.namespace}a`],
      ['netns', 'delete', this.namespace],
    ]) {
      try {
        ip(...words)
      } catch {
        // It was not made.
      }
    }
  }
}

function ip(...words: string[]): void {
  execFileSync(IP, words, { stdio: ['ignore', 'ignore', 'pipe'] })
}
