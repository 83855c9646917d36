import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Makes the folder of this run, which its workers find through the environment. No server is started here. */
export default async function setUp() {
  const folder = await mkdtemp(path.join(tmpdir(), `dagbook-test-${process.pid}-`))
  // A server that runs as `nobody` has to pass through.
  await chmod(folder, 0o711)
  process.env.DAGBOOK_TEST_RUN = folder
}
