import { createTransport } from 'nodemailer'

export interface Letter {
  /** The same for every try: a mailbox that has it already can tell. */
  readonly messageId: string
  /** One mailbox: who else is written to is nobody's to see. */
  readonly to: string
  readonly subject: string
  readonly text: string
}

export interface Mailer {
  /** Throws when the server does not take it. */
  send(letter: Letter): Promise<void>
  close(): void
}

const TIMEOUT_MS = 10_000

/** Hands mail to the SMTP server of the URL (smtp:// or smtps://, with user and password if it wants them). */
export function createMailer(url: string, from: string): Mailer {
  const timeouts = `connectionTimeout=${TIMEOUT_MS}&greetingTimeout=${TIMEOUT_MS}&socketTimeout=${TIMEOUT_MS}`
  const transport = createTransport(`${url}${url.includes('?') ? '&' : '?'}${timeouts}`)
  return {
    async send({ messageId, to, subject, text }) {
      await transport.sendMail({ from, to, subject, text, messageId })
    },
    close: () => transport.close(),
  }
}
