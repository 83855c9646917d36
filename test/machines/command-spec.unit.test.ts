import { execFileSync } from 'node:child_process'
import { type CommandSettings, commandSpec } from '../../src/machines/command-spec.js'
import type { AttemptSpec } from '../../src/machines/machine.js'

const SETTINGS = {
  facts: { account: { home: '/h', name: 'me', shell: '/bin/sh' }, spool: '/spool', signalsOption: null },
  defaultDirectory: '/work',
  path: '/usr/bin:/bin',
  lang: 'C.UTF-8',
} as unknown as CommandSettings

const SECRET = 'it\'s $HOME\n`x` \\ "y"'
const attempt = (change: Partial<AttemptSpec>): AttemptSpec => ({
  instanceId: 'instance_1',
  fence: 3,
  argv: ['sh', '-c', 'printf %s "$S"'],
  environment: { PLAIN: 'seen' },
  directory: null,
  input: '{}',
  timeoutMs: null,
  graceMs: 0,
  ...change,
})

/** What a shell makes of the text: the words that become a command line, and what goes through the pipe. */
function evaluated(spec: AttemptSpec): { words: string; hidden: string } {
  const { text, hidden: assignment } = commandSpec(spec, SETTINGS, null)
  const script = `NL='\n'\ntoken=t\n${text}; ${assignment}\nprintf '%s\\n' "$@"; printf '\\001%s' "$hidden"`
  const [words = '', hidden = ''] = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\x01')
  return { words, hidden }
}

it('a secret is in no word of a command line, and what the pipe brings makes it whole', () => {
  const { words, hidden } = evaluated(attempt({ secrets: { S: SECRET } }))
  expect(words).toContain('PLAIN=seen')
  expect(words).not.toContain('HOME\n`x`')
  const got = execFileSync('sh', ['-c', `eval "$0"; printf %s "$S"`, hidden], { encoding: 'utf8' })
  expect(got).toBe(SECRET)
})

it('without secrets no shell stands between', () => {
  const { words, hidden } = evaluated(attempt({}))
  expect(words).not.toContain('/bin/sh\n-c\neval')
  expect(hidden).toBe('')
})

it('what cannot be given is refused without its value', () => {
  for (const secrets of [{ S: `a${'\0'}b-4711` }, { 'not-a-name': 'x-4711' }, { S: `4711${'x'.repeat(140_000)}` }]) {
    let message = ''
    try {
      commandSpec(attempt({ secrets }), SETTINGS, null)
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).not.toBe('')
    expect(message).not.toContain('4711')
  }
})
