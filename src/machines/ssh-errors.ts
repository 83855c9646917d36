import { ContactError } from './contact-error.js'

/** What ssh2 and the socket say. */
interface SshFailure extends Error {
  readonly level?: string
  readonly code?: string | number
  /** RFC 4254, 5.1: why a channel was not opened. */
  readonly reason?: number | string
}

interface Target {
  readonly host: string
  readonly port: number
  readonly login: string
}

/** sshd's own words, sent instead of its identification: MaxStartups, and the penalties of 9.8 and later. */
const TOO_MANY = /^(Exceeded MaxStartups|Not allowed at this time)/m

/** Why no connection was made. `head`: the first that the host sent. */
export function connectError(error: SshFailure, target: Target, head: string): Error {
  const isForeign = head !== '' && !head.includes('SSH-')
  if (error instanceof ContactError && !(error.reason === 'TIMEOUT' && isForeign)) return error
  const where = `${target.host}:${target.port}`
  const options = { cause: error }
  if (TOO_MANY.test(head)) {
    const said = head.split(/[\r\n]/)[0]
    return new ContactError('TOO_MANY_CONNECTIONS', `${where} takes no more connections now: ${said}`, options)
  }
  if (isAuthFailure(error)) {
    return new ContactError('AUTH_REFUSED', `${where} does not let ${target.login} in: ${error.message}`, options)
  }
  if (error.level === 'handshake') {
    return new ContactError('HANDSHAKE', `${where} and we have no safe way to talk: ${error.message}`, options)
  }
  if (isForeign) {
    return new ContactError('HANDSHAKE', `${where} does not speak SSH: ${JSON.stringify(head.slice(0, 80))}`, options)
  }
  return new ContactError('CONNECT', `${where} cannot be connected to: ${error.message}`, options)
}

/** Why no channel was opened on a connection. Reason 2 is what OpenSSH answers above MaxSessions. */
export function channelError(error: SshFailure): ContactError {
  const options = { cause: error }
  if (error.reason === 2 || error.reason === 4) {
    return new ContactError('TOO_MANY_CHANNELS', `The host opens no more channels now: ${error.message}`, options)
  }
  if (error.reason === 1) {
    return new ContactError('AUTH_REFUSED', `The host opens no channels for this login: ${error.message}`, options)
  }
  if (error.message === 'Unable to exec') {
    return new ContactError('AUTH_REFUSED', 'The host runs no commands for this login', options)
  }
  return new ContactError('CONNECT', `No channel could be opened: ${error.message}`, options)
}

function isAuthFailure({ level, message }: SshFailure): boolean {
  return level === 'client-authentication' || level === 'agent' || /authentication failures/i.test(message)
}
