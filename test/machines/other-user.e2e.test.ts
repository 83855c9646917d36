import { chmod, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { createLocalMachine } from '../../src/machines/local.js'
import type { Machine } from '../../src/machines/machine.js'
import { unless, whyNotRoot } from '../helpers/unless.js'
import { exitOf, makeFolder, readAll, script } from './attempts.js'

unless(whyNotRoot()).describe('a machine that runs commands as another user', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>
  let machine: Machine

  beforeAll(async () => {
    folder = await makeFolder()
    machine = await createLocalMachine({
      spoolDir: path.join(folder.dir, 'spool'),
      defaultDirectory: '/',
      user: 'nobody',
    })
  })
  afterAll(async () => {
    await machine.close()
    await folder.remove()
  })

  it('says so when that user cannot reach the spool', async () => {
    await chmod(folder.dir, 0o700)
    await expect(machine.start(script('true'))).rejects.toMatchObject({ code: 'DENIED', isRetryable: false })
    await chmod(folder.dir, 0o711)
    expect(await machine.start(script('true'))).toMatchObject({ kind: 'STARTED' })
  })

  it('gives it that user, its groups and its home, and nothing of the spool but its own', async () => {
    const text = `
      id -un; id -Gn; echo $HOME $USER; cat $DAGBOOK_INPUT > $DAGBOOK_OUTPUT; echo again > /dev/stderr
      ls ${folder.dir}/spool 2> /dev/null || echo hidden
      cat ${folder.dir}/spool/*/*/exit 2> /dev/null || echo private`
    const attempt = script(text, { input: 'passed on' })
    await machine.start(attempt)
    expect(await exitOf(machine, attempt)).toMatchObject({ exitCode: 0 })
    const home = (await readFile('/etc/passwd', 'utf8')).match(/^nobody:.*:(.*):.*$/m)?.[1]
    const expected = `nobody\nnogroup\n${home} nobody\nhidden\nprivate\n`
    expect(String(await readAll(machine, attempt, 'STDOUT'))).toBe(expected)
    expect(String(await machine.readOutput(attempt, 100))).toBe('passed on')
    const folderOf = path.join(folder.dir, 'spool', attempt.instanceId, String(attempt.fence))
    expect((await stat(path.join(folderOf, 'io'))).mode & 0o777).toBe(0o700)
  })

  it('ends what that user started', async () => {
    const attempt = script('setsid sleep 60 & sleep 60', { timeoutMs: 300, graceMs: 300 })
    await machine.start(attempt)
    expect(await exitOf(machine, attempt)).toMatchObject({ cause: 'TIMED_OUT', exitCode: 143 })
  })

  it('refuses a user that the host does not have, or no user can be called', async () => {
    for (const user of ['no-such-user', 'a b']) {
      const spoolDir = path.join(folder.dir, 'none')
      const other = await createLocalMachine({ spoolDir, defaultDirectory: '/', user })
      await expect(other.start(script('true'))).rejects.toMatchObject({ code: 'DENIED' })
      await other.close()
    }
  })
})
