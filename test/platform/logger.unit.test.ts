import { createLogger, type Logger } from '../../src/platform/logger.js'

function recorded(isPlain: boolean): { logger: Logger; lines: string[] } {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  return { logger: createLogger({ level: 'info', destination, isPlain }), lines }
}

describe('createLogger', () => {
  it('writes one line of JSON, with the fields of the child', () => {
    const { logger, lines } = recorded(false)
    logger.child({ requestId: 'r1' }).info({ port: 4000 }, 'Listening')
    expect(JSON.parse(lines[0] as string)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/),
      requestId: 'r1',
      port: 4000,
      msg: 'Listening',
    })
  })

  it('replaces what has the name of a secret, at any depth, in lines and in children', () => {
    const { logger, lines } = recorded(false)
    const child = logger.child({ secretKey: 'hunter2' })
    child.info({
      password: 'hunter2',
      headers: { Authorization: 'hunter2', 'set-cookie': ['hunter2'] },
      sessions: [{ refreshToken: 'hunter2', token: 'hunter2', user_password_hash: 'hunter2' }],
      tokens: 12,
    })
    expect(lines[0]).not.toContain('hunter2')
    expect(JSON.parse(lines[0] as string)).toMatchObject({ tokens: 12, password: '[secret]' })
  })

  it('replaces passwords in URLs and bearer tokens in messages and stacks', () => {
    const { logger, lines } = recorded(false)
    logger.error({ err: new Error('no route to postgres://me:hunter2@db:5432/x') }, 'Bearer hunter2.abc refused')
    expect(lines[0]).not.toContain('hunter2')
    expect(lines[0]).toContain('postgres://me:[secret]@db:5432/x')
  })

  it('leaves alone what is no secret', () => {
    const { logger, lines } = recorded(false)
    logger.info('see http://localhost:4000/graphql and http://[::1]:4000/a@b')
    expect(lines[0]).toContain('see http://localhost:4000/graphql and http://[::1]:4000/a@b')
  })

  it('writes a line for people on a terminal', () => {
    const { logger, lines } = recorded(true)
    logger.info({ port: 4000, path: 'a b', password: 'hunter2' }, 'Listening')
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d INFO {2}Listening {2}port=4000 path="a b" password=\[secret\]\n$/)
    logger.error(new TypeError('boom'))
    expect(lines[1]).toMatch(/^\d\d:\d\d:\d\d ERROR boom\n {4}TypeError: boom\n {8}at /)
  })
})
