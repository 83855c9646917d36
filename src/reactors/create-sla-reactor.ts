import { Addresses } from './addresses.js'
import { createMailer } from './mailer.js'
import { SlaReactor, type SlaReactorDependencies } from './sla-reactor.js'

/** How the server was asked to reach others. */
export interface Reach {
  /** Hosts and blocks of addresses that webhooks may reach although they are not public. */
  readonly webhookAllow: readonly string[]
  /** Null: no mail is sent. */
  readonly smtpUrl: string | null
  readonly mailFrom: string
}

/** The reactor with its own way out. */
export function createSlaReactor(
  dependencies: Omit<SlaReactorDependencies, 'addresses' | 'mailer'>,
  { webhookAllow, smtpUrl, mailFrom }: Reach,
): SlaReactor {
  const mailer = smtpUrl === null ? null : createMailer(smtpUrl, mailFrom)
  return new SlaReactor({ ...dependencies, addresses: new Addresses(webhookAllow), mailer })
}
