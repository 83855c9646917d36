import { statSync } from 'node:fs'
import { plainUser } from './plain-user.js'
import { runEnd } from './runs.js'
import { Sandbox } from './sandbox.js'
import { Session } from './session.js'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await Sandbox.make()
})

afterEach(async () => {
  await sandbox.close()
})

it('a plain user starts it, runs an example, stops it and finds all again', async () => {
  const user = plainUser(sandbox)
  const first = await sandbox.start({}, user)
  const session = await Session.open(first)
  const { runs } = await session.ask('{ runs { nodes { id } } }')
  expect((await runEnd(session, runs.nodes[0].id)).status).toBe('SUCCEEDED')
  // Tasks run as the server does; so do its files.
  const uid = user.as.length > 0 ? 65_534 : process.getuid?.()
  expect(statSync(`${sandbox.dataDir}/secret-key`)).toMatchObject({ uid, mode: 0o100600 })
  expect(await first.stop()).toEqual({ code: 0, signal: null })
  expect(await sandbox.postmaster()).toBeNull()
  await sandbox.start({}, user)
  expect(await session.ask('{ runs { nodes { id } } }')).toEqual({ runs })
})
