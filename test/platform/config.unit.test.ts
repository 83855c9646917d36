import { availableParallelism } from 'node:os'
import path from 'node:path'
import { ConfigError, loadConfig } from '../../src/platform/config.js'

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('loadConfig', () => {
  it('needs nothing', () => {
    expect(loadConfig({})).toEqual({
      port: 4000,
      host: '127.0.0.1',
      databaseUrl: null,
      databaseOwnerUrl: null,
      dataDir: path.resolve('.dagbook'),
      secretKey: null,
      newSecretKey: null,
      adminPassword: null,
      examples: true,
      url: null,
      trustProxy: [],
      localDirectory: process.cwd(),
      localUser: null,
      modulesDir: null,
      maxThreads: availableParallelism(),
      logLevel: 'info',
      redisUrl: null,
      sampleSeconds: 5,
      spoolKeepMs: 86_400_000,
      spoolLimits: { minFreeBytes: 256_000_000, maxBytes: null },
      maxOutputBytes: 1_000_000_000,
      webhookAllow: [],
      smtpUrl: null,
      mailFrom: 'Dagbook <dagbook@localhost>',
      roles: ['api', 'scheduler', 'dispatcher'],
    })
  })

  it('takes what is set, an empty variable being none', () => {
    const config = loadConfig({
      PORT: '0',
      HOST: '',
      DATABASE_URL: 'postgresql://u:p@h/d',
      DAGBOOK_DATA_DIR: '/var/lib/dagbook',
      DAGBOOK_EXAMPLES: 'off',
      DAGBOOK_ROLES: 'dispatcher, api',
    })
    expect(config).toMatchObject({ port: 0, host: '127.0.0.1', dataDir: '/var/lib/dagbook', examples: false })
    expect(config.databaseOwnerUrl).toBe('postgresql://u:p@h/d')
    expect(config.roles).toEqual(['api', 'dispatcher'])
  })

  it.each([
    ['PORT', '65536', 'PORT must be a whole number from 0 to 65535, given "65536"'],
    ['PORT', '80 ', 'PORT must be a whole number from 0 to 65535, given "80 "'],
    ['DAGBOOK_EXAMPLES', 'yes', 'DAGBOOK_EXAMPLES must be on or off, given "yes"'],
    [
      'DAGBOOK_ROLES',
      'api,worker',
      'DAGBOOK_ROLES must be a list of api, scheduler, dispatcher, separated by commas, given "api,worker"',
    ],
    [
      'DAGBOOK_LOG_LEVEL',
      'loud',
      'DAGBOOK_LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent, given "loud"',
    ],
    ['DAGBOOK_SPOOL_KEEP_HOURS', '0', 'DAGBOOK_SPOOL_KEEP_HOURS must be a whole number from 1 to 8760, given "0"'],
    ['DATABASE_OWNER_URL', 'postgres://h/d', 'DATABASE_OWNER_URL needs DATABASE_URL, which is not set'],
  ])('names the variable, the rule and the value: %s=%s', (name, value, problem) => {
    expect(problemsOf({ [name]: value })).toEqual([problem])
  })

  it('tells every problem at once, and the value of no secret', () => {
    const problems = problemsOf({
      PORT: 'x',
      DATABASE_URL: 'mysql://u:hunter2@h/d',
      DAGBOOK_SECRET_KEY: 'hunter2',
      DAGBOOK_ADMIN_PASSWORD: 'hunter2',
    })
    expect(problems).toHaveLength(4)
    expect(problems[1]).toBe('DATABASE_URL must be a URL that begins with postgres://, given (a secret, not shown)')
    expect(problems.join('\n')).not.toContain('hunter2')
  })

  it('takes a list of hosts and blocks, and refuses what is none', () => {
    const allow = (list: string) => loadConfig({ DAGBOOK_WEBHOOK_ALLOW: list }).webhookAllow
    expect(allow('hooks.internal, 10.0.0.0/8,fd00::/8 ,::1')).toEqual([
      'hooks.internal',
      '10.0.0.0/8',
      'fd00::/8',
      '::1',
    ])
    for (const wrong of ['10.0.0.0/33', 'http://a', 'a/8', '10.0.0.0/8/8', 'fd00::/129']) {
      expect(() => allow(wrong)).toThrow('DAGBOOK_WEBHOOK_ALLOW')
    }
  })

  it('takes addresses and blocks of proxies, and refuses what is neither: a number of them can be lied about', () => {
    const trusted = (text: string) => loadConfig({ DAGBOOK_TRUST_PROXY: text }).trustProxy
    expect(trusted('10.0.0.1, fd00::/8')).toEqual(['10.0.0.1', 'fd00::/8'])
    for (const wrong of ['1', 'true', 'proxy.internal', '10.0.0.0/33', '10.0.0.1/', '0.0.0.0/0', '::/00']) {
      const rule = 'must be a list of addresses and blocks as 10.0.0.0/8'
      expect(problemsOf({ DAGBOOK_TRUST_PROXY: wrong })).toEqual([`DAGBOOK_TRUST_PROXY ${rule}, given "${wrong}"`])
    }
  })

  it('does not show the password in the URL of the mail server', () => {
    expect(() => loadConfig({ DAGBOOK_SMTP_URL: 'http://user:hunter2@host' })).toThrow(/a secret, not shown/)
  })
})
