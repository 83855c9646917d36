import { chmod } from 'node:fs/promises'
import path from 'node:path'
import { SshHost } from '../../src/machines/ssh.js'
import { startSshd } from '../helpers/sshd.js'
import { unless, whyNotRoot } from '../helpers/unless.js'
import { makeUser } from '../helpers/users.js'
import { makeFolder } from './attempts.js'
import { describeMachine } from './machine-contract.js'
import type { MachineUnderTest } from './machine-under-test.js'

describeMachine('a machine over SSH', () => machineOf({}))

unless(whyNotRoot()).describe('of a host that root can make users on', () => {
  describeMachine('a machine over SSH with a login of its own', async () => {
    const login = await makeUser('/bin/bash')
    return machineOf({ login: login.name, end: () => login.remove() })
  })

  describeMachine('a machine over SSH whose login becomes another user', async () => {
    const [login, user] = [await makeUser(), await makeUser('/usr/sbin/nologin')]
    await login.sudoers(`${login.name} ALL=(${user.name}) NOPASSWD: ALL`)
    const end = async () => {
      await login.remove()
      await user.remove()
    }
    return machineOf({ login: login.name, user: user.name, end })
  })
})

async function machineOf(who: { login?: string; user?: string; end?: () => Promise<void> }): Promise<MachineUnderTest> {
  const { dir, remove } = await makeFolder()
  await chmod(dir, 0o777)
  const sshd = await startSshd(who.login === undefined ? {} : { login: who.login })
  const host = new SshHost(sshd.options)
  const spoolDir = path.join(dir, "spool's folder")
  const machine = host.machine({ user: who.user ?? null, spoolDir, defaultDirectory: dir })
  return {
    machine,
    dir,
    close: async () => {
      await machine.close()
      await host.close()
      await sshd.stop()
      await who.end?.()
      await remove()
    },
  }
}
