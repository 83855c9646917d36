import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requireProgram } from '../../../../test/helpers/require-program.js'
import { completionScript, type Shell } from '../../src/completion/scripts.js'

beforeAll(() => {
  requireProgram('/usr/bin/fish', 'fish')
  requireProgram('/usr/bin/zsh', 'zsh')
})

let folder: string

/** `dagbook` is a stand-in that writes down what it is asked and answers with what is in the file `answer`. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dagbook-completion-'))
  const standIn = `#!/bin/sh\nfor word in "$@"; do printf '<%s>' "$word"; done > ${folder}/asked\ncat ${folder}/answer\n`
  writeFileSync(join(folder, 'dagbook'), standIn, { mode: 0o755 })
  writeFileSync(join(folder, 'notes.yaml'), '')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function runs(shell: Shell, options: readonly string[], script: string): string[] {
  const file = join(folder, `completion.${shell}`)
  writeFileSync(file, completionScript(shell))
  const env = { PATH: `${folder}:${process.env.PATH}`, HOME: folder }
  const stdout = execFileSync(shell, [...options, '-c', `source ${file}\n${script}`], {
    env,
    cwd: folder,
    encoding: 'utf8',
  })
  return stdout.split('\n').filter((line) => line !== '')
}

const completes: Record<Shell, (line: string) => string[]> = {
  bash: (line) =>
    runs(
      'bash',
      ['--norc'],
      `COMP_LINE='${line}'\nCOMP_POINT=${line.length}\n_dagbook\nprintf '%s\\n' "\${COMPREPLY[@]}"`,
    ),
  fish: (line) => runs('fish', ['--no-config'], `complete -C '${line}'`).map((each) => each.split('\t')[0] ?? ''),
  zsh: (line) => {
    const stubs = `compdef() { : }\n_describe() { print -rl -- "\${(@)\${(P)2}%%:*}" }\n_files() { print -rl -- notes.yaml }`
    const words = `words=(${line.endsWith(' ') ? `${line}''` : line})\nCURRENT=\${#words}`
    const file = join(folder, 'completion.zsh')
    writeFileSync(file, completionScript('zsh'))
    const script = `${stubs}\nsource ${file}\n${words}\nPREFIX=\${words[-1]}\n_dagbook`
    const env = { PATH: `${folder}:${process.env.PATH}`, HOME: folder }
    return execFileSync('zsh', ['-f', '-c', script], { env, encoding: 'utf8' }).split('\n').filter(Boolean)
  },
}

const answers = (...lines: string[]): void =>
  writeFileSync(join(folder, 'answer'), lines.map((each) => `${each}\n`).join(''))
const asked = (): string => readFileSync(join(folder, 'asked'), 'utf8')

describe.each(['bash', 'fish', 'zsh'] as const)('%s', (shell) => {
  test('asks for the words so far, and shows what may come', () => {
    answers('show\tShow a run', 'start\tStart a run: now')
    expect(completes[shell]('dagbook run s')).toEqual(['show', 'start'])
    expect(asked()).toBe('<__complete><--><run><s>')
  })

  test('a space means that a new word begins', () => {
    answers('examples/hello')
    expect(completes[shell]('dagbook run start ')).toEqual(['examples/hello'])
    expect(asked()).toBe('<__complete><--><run><start><>')
  })

  test('files are left to the shell', () => {
    answers(':files')
    expect(completes[shell]('dagbook dag check no')).toEqual(['notes.yaml'])
  })
})

test('bash gets only what follows the last = or :', () => {
  answers('--status=FAILED')
  expect(completes.bash('dagbook run list --status=FA')).toEqual(['FAILED'])
  answers('127.0.0.1:4000')
  expect(completes.bash('dagbook --context 127.0.0.1:')).toEqual(['4000'])
})

test('what was typed is never run', () => {
  answers('run_1')
  completes.bash('dagbook run show $(touch ran) `touch ran` ')
  expect(asked()).toContain('<$(touch>')
  expect(() => readFileSync(join(folder, 'ran'))).toThrow('ENOENT')
})
