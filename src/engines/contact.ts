import { Wake } from '../platform/wake.js'
import { type Control, DetachedError } from './engine.js'

const RETRY_MS = 1_000

/** Asks an attempt's machine until it answers, and says when contact with it is lost and when it is back. */
export class Contact {
  /** Questions that the machine leaves without an answer at this moment. */
  #unanswered = 0
  #isOver = false

  constructor(private readonly control: Pick<Control, 'detach' | 'contactLost' | 'contactRestored'>) {}

  /**
   * Lost contact is not death, and neither is an answer that makes no sense or a file that cannot be read. Only what
   * `isAnswer` names comes out as an error; DetachedError when this server goes.
   */
  async ask<Answer>(ask: () => Promise<Answer>, isAnswer: (error: unknown) => boolean = () => false): Promise<Answer> {
    for (let isLost = false; ; ) {
      try {
        const answer = await ask()
        if (isLost) await this.#answered()
        return answer
      } catch (error) {
        if (this.control.detach.aborted) throw new DetachedError()
        if (isAnswer(error)) {
          if (isLost) await this.#answered()
          throw error
        }
        if (!isLost && this.#unanswered++ === 0) await this.control.contactLost((error as Error).message)
        isLost = true
        await new Wake().wait(RETRY_MS, this.control.detach)
        if (this.control.detach.aborted || this.#isOver) throw new DetachedError()
      }
    }
  }

  /** What has no answer yet is asked no more. */
  end(): void {
    this.#isOver = true
  }

  async #answered(): Promise<void> {
    this.#unanswered -= 1
    if (this.#unanswered === 0) await this.control.contactRestored()
  }
}
