import { createMailer, type Mailer } from '../../src/reactors/mailer.js'
import { openMailbox, openSlaStage, over, SLOW, type SlaStage } from './sla-stage.js'

let stage: SlaStage
let projectId: string
let dagId: string

beforeEach(async () => {
  stage = await openSlaStage()
  projectId = await stage.project('p')
  dagId = await stage.publish(projectId, SLOW)
})
afterEach(() => stage.close())

/** A new user who may see the project; answers the id. */
async function viewer(username: string): Promise<string> {
  const { id: userId } = await stage.makeUser(username, { email: `${username}@example.com` })
  await stage.change('grantProjectRole', 'GrantProjectRoleInput', { projectId, userId, role: 'VIEWER' }, '__typename')
  return userId
}

it('mail goes to mailboxes, and to people at the address that they have by now, a letter each', async () => {
  const mailbox = await openMailbox()
  const id = await viewer('ada')
  const actions = [{ type: 'email', to: ['oncall@example.com', id] }]
  await stage.sla({ name: 'late', dagId, conditions: over('runDurationSeconds', 5), actions })
  await stage.going(dagId)
  stage.time.aheadMs = 6_000
  const mailer = createMailer(mailbox.url, 'Dagbook <dagbook@example.com>')
  await stage.round(stage.reactor(mailer))
  const [breach] = await stage.breaches()
  expect(breach.actionsTaken).toMatchObject([{ type: 'email', status: 'DONE', attempts: 1 }])
  expect(mailbox.letters.map(({ to }) => to)).toEqual([['oncall@example.com'], ['ada@example.com']])
  expect(mailbox.letters.map(({ text }) => text.match(/\w+@example/g)?.includes('ada@example'))).toEqual([false, true])
  expect(mailbox.letters[0]?.text).toContain('Subject: SLA late is broken: slow')
  const stored = await stage.services.database.query(`SELECT data::text AS text FROM event WHERE type = 'SlaCreated'`)
  expect(JSON.stringify(stored)).not.toContain('ada@example.com')
  mailer.close()
  await mailbox.close()
})

it('who may no longer see the project gets no mail', async () => {
  const mailbox = await openMailbox()
  const [stays, leaves, inactive] = [await viewer('ada'), await viewer('bob'), await viewer('eve')]
  const actions = [{ type: 'email', to: [stays, leaves, inactive] }]
  await stage.sla({ name: 'late', dagId, conditions: over('runDurationSeconds', 5), actions })
  const revoke = { projectId, userId: leaves }
  await stage.change('revokeProjectRole', 'RevokeProjectRoleInput', revoke, '__typename')
  await stage.change('updateUser', 'UpdateUserInput', { userId: inactive, isActive: false }, '__typename')
  await stage.going(dagId)
  stage.time.aheadMs = 6_000
  const mailer = createMailer(mailbox.url, 'dagbook@example.com')
  await stage.round(stage.reactor(mailer))
  expect(mailbox.letters.map(({ to }) => to)).toEqual([['ada@example.com']])
  mailer.close()
  await mailbox.close()
})

it('a mailbox that takes no letter is tried again alone, and nobody reads its address in the log', async () => {
  const id = await viewer('ada')
  const sent: string[] = []
  const mailer: Mailer = {
    async send({ to }) {
      sent.push(to)
      const refusal = Object.assign(new Error(`550 <${to}>: no such mailbox`), { responseCode: 550 })
      if (to === 'ada@example.com' && sent.length < 4) throw refusal
    },
    close: () => undefined,
  }
  const actions = [{ type: 'email', to: [id, 'oncall@example.com'] }]
  await stage.sla({ name: 'late', dagId, conditions: over('runDurationSeconds', 5), actions })
  await stage.going(dagId)
  stage.time.aheadMs = 6_000
  const by = stage.reactor(mailer, [60_000, 0])
  await stage.round(by)
  const [{ actionsTaken }] = await stage.breaches()
  const message = `The mail server answered 550 for ${id}`
  expect(actionsTaken).toMatchObject([{ status: 'PENDING', attempts: 1, message }])
  stage.time.aheadMs += 61_000
  await stage.round(by)
  await stage.round(by)
  expect((await stage.breaches())[0].actionsTaken).toMatchObject([{ status: 'DONE', attempts: 3, message: null }])
  expect(sent).toEqual(['ada@example.com', 'oncall@example.com', 'ada@example.com', 'ada@example.com'])
})
