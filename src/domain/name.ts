import { invalidUnless, type Rejection } from './rejection.js'

/** What people call projects, templates, machines, queues, pools and SLAs. */
const NAME = /^[A-Za-z_][A-Za-z0-9._-]{0,99}$/

/** What is wrong with the name of a noun (`Queue`), as the API says it. */
export function nameProblems(noun: string, name: string): Rejection[] {
  const rule = `${noun} name must be 1 to 100 letters, digits, "_", "." or "-", the first a letter or "_"`
  return invalidUnless(NAME.test(name), 'name', rule, name)
}
