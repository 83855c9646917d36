import { type Algorithm, hash, verify } from '@node-rs/argon2'
import { Slots } from '../platform/slots.js'

/** OWASP's second choice for argon2id: 19 MiB, two passes, one lane; about 30 ms on two shared cores. */
const OPTIONS = {
  algorithm: 2 satisfies Algorithm.Argon2id as Algorithm,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
}

/** Two hashes at once keep a core free for everyone else; who finds a hundred before him is turned away. */
const AT_ONCE = 2
const MAX_WAITING = 100

/** What nobody's password hashes to, so that an unknown user costs the time of a known one. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

/** Hashes and compares passwords with argon2id, a few at a time. */
export class Passwords {
  readonly #slots = new Slots(AT_ONCE, MAX_WAITING)

  /** The hash to store, with its salt and parameters in it. Throws TooManyWaitingError. */
  hash(password: string): Promise<string> {
    return this.#slots.run(() => hash(password.normalize('NFKC'), OPTIONS))
  }

  /**
   * Whether the password is the one of that hash; null compares with nobody's, in the same time. `before` runs when it
   * is the caller's turn; its false keeps the password from being looked at. Throws TooManyWaitingError.
   */
  verify(passwordHash: string | null, password: string, before: () => Promise<boolean>): Promise<boolean> {
    return this.#slots.run(async () => {
      if (!(await before())) return false
      const isRight = await verify(passwordHash ?? NOBODY, password.normalize('NFKC'))
      return isRight && passwordHash !== null
    })
  }
}
