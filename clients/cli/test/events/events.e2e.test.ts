import { person, server, signedIn } from '../helpers/signed-in.js'
import { until } from '../helpers/until.js'

signedIn('test')

const append = (count: number): void => {
  for (let index = 0; index < count; index++) server.journal.append(index % 2 === 0 ? 'Even' : 'Odd')
}
const positions = (stdout: string): number[] =>
  stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => Number((JSON.parse(line) as { position: string }).position))
const upTo = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at)

test('stored events come oldest first: the newest, or all after a position', async () => {
  append(10)
  expect(positions((await person.enters(['events', '--json'])).stdout)).toEqual(upTo(1, 10))
  expect(positions((await person.enters(['events', '--json', '--limit', '4'])).stdout)).toEqual(upTo(7, 10))
  expect(positions((await person.enters(['events', '--json', '--after', '2'])).stdout)).toEqual(upTo(3, 10))
  expect(positions((await person.enters(['events', '--json', '--after', '2', '--limit', '3'])).stdout)).toEqual(
    upTo(3, 5),
  )
  expect(positions((await person.enters(['events', '--json', '--after', '10'])).stdout)).toEqual([])
})

test('--follow goes on from what is stored, over many cuts, each event once and in order', async () => {
  server.streams.repeatsOnResume = true
  append(5)
  const command = person.starts(['events', '--follow', '--json', '--limit', '45'])
  for (let round = 1; round <= 4; round++) {
    await until(() => expect(server.subscriptions.length).toBeGreaterThanOrEqual(round))
    append(5)
    server.cutSockets()
    append(5)
  }
  const { code, stdout, stderr } = await command.ended
  expect(positions(stdout)).toEqual(upTo(1, 45))
  expect([code, stderr]).toEqual([0, ''])
})

test('--follow --after begins there, and a filter is sent with it', async () => {
  append(6)
  const { stdout } = await person.enters([
    'events',
    '--follow',
    '--after',
    '2',
    '--type',
    'Odd',
    '--limit',
    '2',
    '--json',
  ])
  expect(positions(stdout)).toEqual([4, 6])
  expect(server.subscriptions[0]).toEqual({ filter: { types: ['Odd'] }, after: '2' })
})

test('--follow with a token that ran out signs in again by itself', async () => {
  const command = person.starts(['events', '--follow', '--json', '--limit', '2'])
  await until(() => expect(server.subscriptions).toHaveLength(1))
  append(1)
  await command.shows('"position":"1"')
  server.access.expireAccessTokens()
  server.cutSockets()
  append(1)
  expect(await command.ended).toMatchObject({ code: 0 })
  expect(server.access.refreshes).toBe(1)
})

test('--follow on a server that is not there is exit code 6 at once', async () => {
  const nowhere = { DAGBOOK_SERVER: 'http://127.0.0.1:9', DAGBOOK_TOKEN: 'x' }
  expect(await person.enters(['events', '--follow', '--after', '0'], '', nowhere)).toMatchObject({ code: 6 })
})

test('people see one line an event', async () => {
  append(1)
  expect((await person.enters(['events'])).stdout).toBe(
    '       1  2026-11-22 10:00:00.000  Even                      stream_1  {}\n',
  )
})
