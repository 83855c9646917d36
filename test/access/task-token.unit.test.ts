import { TaskTokens } from '../../src/access/task-token.js'
import { secretKey } from '../helpers/secret-key.js'

const tokens = new TaskTokens(secretKey.deriveKey('task-token'))
const attempt = { instanceId: 'instance_01m81tvt3xgy5t2ffhkjyqhxz1', fence: 12 }

it('reads what it has issued, the same for every server with the key', () => {
  const token = tokens.issue(attempt)
  expect(tokens.read(token)).toEqual(attempt)
  expect(new TaskTokens(secretKey.deriveKey('task-token')).issue(attempt)).toBe(token)
  expect(new TaskTokens(secretKey.deriveKey('another')).read(token)).toBe(null)
})

it('every changed character makes it none', () => {
  const token = tokens.issue(attempt)
  for (let at = 0; at < token.length; at += 1) {
    const other = token[at] === 'a' ? 'b' : 'a'
    const changed = `${token.slice(0, at)}${other}${token.slice(at + 1)}`
    const read = tokens.read(changed)
    // The last character of base64url holds two bits that mean nothing.
    if (read !== null) expect([at, read]).toEqual([token.length - 1, attempt])
  }
  for (const text of ['', 'dagtask..1.x', `${token}.`, `x${token}`, token.toUpperCase()])
    expect(tokens.read(text)).toBe(null)
})
