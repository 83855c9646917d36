import { person, signedIn } from '../helpers/signed-in.js'

signedIn('file')

test.each([
  ['run show run_9', 5, 'dagbook run list'],
  ['run watch run_9', 5, 'dagbook run list'],
  ['run pause run_9', 5, 'dagbook run list'],
  ['run start examples/nope', 5, 'dagbook dag list --project examples'],
  ['run start hello', 2, 'dagbook dag list'],
  ['run list --project nope', 5, 'dagbook project list'],
  ['run list --dag hello', 2, 'add --help'],
  ['logs run_9 a', 5, 'dagbook run list'],
  ['machine show nope', 5, 'dagbook machine list'],
  ['machine drain nope', 5, 'dagbook machine list'],
  ['context use nope', 5, 'dagbook context list'],
  ['run nope', 2, 'add --help'],
])('dagbook %s: exit code %i, and what to try next', async (line, code, next) => {
  expect(await person.enters(line.split(' '))).toMatchObject({ code, stderr: expect.stringContaining(`Next: ${next}`) })
})

test('where nobody is signed in, the next command is the login', async () => {
  const env = { DAGBOOK_CONFIG: `${person.contextPath}.none` }
  const { code, stderr } = await person.enters(['run', 'list'], '', env)
  expect([code, stderr]).toEqual([4, expect.stringMatching(/\nNext: dagbook login --server http\S+\n$/)])
})
