import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Session } from '../../src/session/session.js'

it('the token of a task is no sign-in: who is signed in beside it stays who he is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dagbook-session-'))
  const env = { DAGBOOK_SERVER: 'http://127.0.0.1:1' }
  const open = (token: string) =>
    Session.open(join(folder, 'contexts.json'), { ...env, DAGBOOK_TOKEN: token }, undefined)
  expect(await (await open('dagbook_1')).accessToken()).toBe('dagbook_1')
  await expect((await open('dagtask.1.2')).accessToken()).rejects.toThrow('Nobody is signed in')
  await rm(folder, { recursive: true })
})
