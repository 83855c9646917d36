import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { person, server, signedIn } from '../helpers/signed-in.js'

const KEY = `SHA256:${'a'.repeat(43)}`
signedIn('file')

beforeAll(async () => {
  await writeFile(join(person.folder, 'key'), 'the private key\n')
})

test('a machine is added, its key approved, then it is online, and it can be removed', async () => {
  const add = ['machine', 'add', 'far', '--host', 'far.example', '--login', 'deploy', '--key', 'key', '--label', 'gpu']
  const added = await person.enters(add)
  expect(added).toMatchObject({ code: 0, stdout: 'Registered machine far\n' })
  expect(added.stderr).toContain(`Next: dagbook machine approve-key far ${KEY}\n`)
  expect(server.machines.registered).toMatchObject([
    { name: 'far', host: 'far.example', loginUser: 'deploy', privateKey: 'the private key\n', labels: ['gpu'] },
  ])
  expect(await person.enters(['machine', 'probe', 'far'])).toMatchObject({ code: 1 })
  const wrong = await person.enters(['machine', 'approve-key', 'far', `SHA256:${'b'.repeat(43)}`])
  expect(wrong).toMatchObject({ code: 3, stderr: expect.stringContaining('Next: dagbook machine show far') })
  expect((await person.enters(['machine', 'approve-key', 'far', KEY])).code).toBe(0)
  expect(await person.enters(['machine', 'probe', 'far'])).toMatchObject({ code: 0, stderr: '' })
  const { stdout } = await person.enters(['machine', 'show', 'far', '--json'])
  expect(JSON.parse(stdout)).toMatchObject({ machine: { name: 'far', status: 'ONLINE', hostKeyFingerprint: KEY } })
  expect((await person.enters(['machine', 'list'])).stdout).toMatch(/^NAME +STATUS .*\nfar +ONLINE +far\.example:22 /)
  expect(await person.enters(['machine', 'remove', 'far'])).toMatchObject({ code: 0, stdout: 'Removed machine far\n' })
  expect(await person.enters(['machine', 'show', 'far'])).toMatchObject({ code: 5 })
})

test('a known_hosts file is sent as it is', async () => {
  const text = `|1|c2FsdA==|aGFzaA== ssh-ed25519 AAAA\nother.example ssh-ed25519 BBBB\n`
  await writeFile(join(person.folder, 'known_hosts'), text)
  const add = ['machine', 'add', 'known', '--host', 'known.example', '--login', 'deploy', '--key', 'key']
  expect(await person.enters([...add, '--known-hosts', 'known_hosts'])).toMatchObject({ code: 0 })
  expect(server.machines.registered.at(-1)).toMatchObject({ name: 'known', knownHosts: text })
})

test('a key that cannot be read is exit code 2, and nothing is sent', async () => {
  const before = server.requests.length
  const add = ['machine', 'add', 'x', '--host', 'x', '--login', 'x', '--key', 'nowhere']
  expect(await person.enters(add)).toMatchObject({ code: 2, stderr: expect.stringContaining('File nowhere') })
  expect(server.requests).toHaveLength(before)
})
