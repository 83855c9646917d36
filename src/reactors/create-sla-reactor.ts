import { Addresses } from './addresses.js'
import { SlaReactor, type SlaReactorDependencies } from './sla-reactor.js'

/** How the server was asked to reach others. */
export interface Reach {
  /** Hosts and blocks of addresses that webhooks may reach although they are not public. */
  readonly webhookAllow: readonly string[]
  /** Null: no mail is sent. */
  readonly smtpUrl: string | null
  readonly mailFrom: string
}

/** The reactor with its own way out. What sends mail is loaded only where mail is sent. */
export async function createSlaReactor(
  dependencies: Omit<SlaReactorDependencies, 'addresses' | 'mailer'>,
  { webhookAllow, smtpUrl, mailFrom }: Reach,
): Promise<SlaReactor> {
  const mailer = smtpUrl === null ? null : (await import('./mailer.js')).createMailer(smtpUrl, mailFrom)
  return new SlaReactor({ ...dependencies, addresses: new Addresses(webhookAllow), mailer })
}
