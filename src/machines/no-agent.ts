import { ContactError, type ContactReason } from './contact-error.js'
import type { Ending } from './transport.js'

/** sudo 1.8 and 1.9 and sudo-rs, in English (it is run with LC_ALL=C); the first that fits counts. */
const SUDO_COMPLAINTS: readonly (readonly [RegExp, ContactReason, string])[] = [
  [/must have a tty|terminal is required to run/i, 'SUDO_TTY', 'sudo wants a terminal there (requiretty)'],
  [/unknown user|user .* not found/i, 'SUDO_USER', 'the host has no such user'],
  // Also where no rule fits at all: it would want to know who asks before it says so.
  [/(password|authentication|terminal) is required/i, 'SUDO_PASSWORD', 'sudo has no rule with NOPASSWD that fits'],
]

/** The agent started, and says what keeps it from its work. */
export function agentRefusal(code: string, text: string): ContactError {
  if (code === 'NO_TOOL') return new ContactError('NO_TOOL', `The host lacks what an agent needs: ${text}`)
  if (code !== 'SPOOL') return new ContactError('LOST', `The agent's greeting is not understood: ${code} ${text}`)
  const reason = /No space left|quota exceeded/i.test(text) ? 'SPOOL_FULL' : 'SPOOL'
  return new ContactError(reason, `The spool on the host cannot be used: ${text}`)
}

/** The channel ended before an agent greeted. `noise`: the end of what came instead. */
export function whyNoAgent(ending: Ending, noise: string): ContactError {
  const { exitCode, complaint, reason } = ending
  if (exitCode === null) return new ContactError('LOST', `No agent greeted: ${reason}`)
  const sudo = /^(sudo(-rs)?: |Sorry, user |I'm sorry )|is not in the sudoers file/m.test(complaint)
  if (sudo) return sudoRefusal(complaint)
  if (exitCode === 126 || exitCode === 127 || /: (command )?not found|No such file/.test(complaint)) {
    return new ContactError('NO_TOOL', `The host cannot start an agent: ${complaint || `exit code ${exitCode}`}`)
  }
  const said = [noise.trim(), complaint].filter((text) => text !== '').join('; ')
  const message = `The login shell on the host does not run commands: it ended with ${exitCode}`
  return new ContactError('LOGIN_SHELL', said === '' ? message : `${message}, saying ${JSON.stringify(said)}`)
}

function sudoRefusal(complaint: string): ContactError {
  for (const [pattern, reason, meaning] of SUDO_COMPLAINTS) {
    if (pattern.test(complaint)) return new ContactError(reason, `The login cannot become the user: ${meaning}`)
  }
  return new ContactError('SUDO_DENIED', `The login may not become the user: ${complaint.split('\n')[0]}`)
}
