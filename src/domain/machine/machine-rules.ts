import { nameProblems } from '../name.js'
import { type Rejection, invalidUnless as unless } from '../rejection.js'
import type { MachineLogin, MachineSettings } from './events.js'

const HOST = /^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$/
const USER = /^[a-z_][a-z0-9_-]{0,31}$/
const LABEL = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/
const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/
const MAX_SLOTS = 10_000
const MAX_ENTRIES = 100

/** What is wrong with a machine's name and address. */
export function addressProblems(name: string, host: string): Rejection[] {
  return [
    ...nameProblems('Machine', name),
    ...unless(!/^local(-|$)/.test(name), 'name', 'Machine name must not be "local" or begin with "local-"', name),
    ...unless(HOST.test(host), 'host', 'Machine host must be a host name or an IP address', host),
  ]
}

/** What is wrong with settings, whichever of them are given. */
export function settingsProblems(settings: Partial<MachineSettings>): Rejection[] {
  const { slots, labels, allowedRunUsers, projectIds } = settings
  return [
    ...unless(
      slots === undefined || (Number.isInteger(slots) && slots >= 0 && slots <= MAX_SLOTS),
      'slots',
      `Machine slots must be a whole number from 0 to ${MAX_SLOTS}`,
      slots,
    ),
    ...listProblems(
      labels,
      LABEL,
      'labels',
      'must be 1 to 63 letters, digits, ".", "_" or "-", the first a letter or digit',
    ),
    ...listProblems(allowedRunUsers, USER, 'allowedRunUsers', 'must be the name of a user of the host'),
    ...listProblems(projectIds, /^project_/, 'projectIds', 'must be the id of a project'),
  ]
}

/** What is wrong with a login. */
export function loginProblems({ port, loginUser }: Pick<MachineLogin, 'port' | 'loginUser'>): Rejection[] {
  return [
    ...unless(
      Number.isInteger(port) && port >= 1 && port <= 65_535,
      'port',
      'Machine port must be from 1 to 65535',
      port,
    ),
    ...unless(USER.test(loginUser), 'loginUser', 'Machine loginUser must be the name of a user of the host', loginUser),
  ]
}

/** What is wrong with a host key's fingerprint; null is none. */
export function fingerprintProblems(fingerprint: string | null): Rejection[] {
  return unless(
    fingerprint === null || FINGERPRINT.test(fingerprint),
    'hostKeyFingerprint',
    'Machine hostKeyFingerprint must be "SHA256:" and 43 characters of base64, as ssh-keygen -l shows it',
    fingerprint,
  )
}

function listProblems(list: readonly string[] | undefined, form: RegExp, field: string, rule: string): Rejection[] {
  if (list === undefined) return []
  if (list.length > MAX_ENTRIES) {
    const message = `Machine ${field} must be at most ${MAX_ENTRIES}, given ${list.length}`
    return [{ code: 'TOO_LARGE', message, path: [field] }]
  }
  return list.flatMap((entry, index) =>
    unless(form.test(entry), field, `Machine ${field} ${rule}`, entry).map((problem) => ({
      ...problem,
      path: [field, String(index)],
    })),
  )
}
