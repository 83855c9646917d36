import { Person } from './dagbook.js'
import { FakeServer } from './fake-server.js'

/** Of the test that runs; a test file imports them as they are (Jest loads this module anew for each file). */
export let server: FakeServer
export let person: Person

/** Before each test, or once for the file: a server, and a person who is signed in there. Afterwards both go. */
export function signedIn(per: 'test' | 'file'): void {
  const [before, after] = per === 'test' ? [beforeEach, afterEach] : [beforeAll, afterAll]
  before(async () => {
    server = new FakeServer()
    person = await Person.at(await server.start())
    await person.isSignedIn(server)
  })
  after(async () => {
    await person.leaves()
    await server.stop()
  })
}
