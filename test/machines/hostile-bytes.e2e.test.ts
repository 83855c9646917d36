import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import fc from 'fast-check'
import { createLocalMachine } from '../../src/machines/local.js'
import type { Machine } from '../../src/machines/machine.js'
import { attemptOf, exitOf, makeFolder, readAll } from './attempts.js'

let folder: Awaited<ReturnType<typeof makeFolder>>
const machines: Machine[] = []

beforeAll(async () => {
  folder = await makeFolder()
  for (const reading of ['DIRECT', 'AGENT'] as const) {
    const spoolDir = path.join(folder.dir, reading)
    machines.push(await createLocalMachine({ spoolDir, defaultDirectory: folder.dir, user: null, reading }))
  }
})
afterAll(async () => {
  await Promise.all(machines.map((machine) => machine.close()))
  await folder.remove()
})

const nasty = fc.constantFrom(
  "'",
  '"',
  '\n',
  '\r',
  '\t',
  ' ',
  '\\',
  '$',
  '$(touch x)',
  '`id`',
  '$'.concat('{HOME}'),
  '$NL',
  '\'"$NL"\'',
  '*',
  '?',
  '[a]',
  '~',
  '-',
  '--',
  '-n',
  '=',
  ';',
  '&',
  '|',
  '<',
  '>',
  '!',
  '#',
  '%',
  '%s',
  '\\n',
  '\\0101',
  '\u0001',
  '\u007f',
  '\u0081',
  'ß',
  'e\u0301',
  '😀',
  '\u202e',
  '\u200b',
  '\ufeff',
  '\uffff',
  ' .',
  '. ',
  'START',
  'EOF',
)
const text = fc
  .array(fc.oneof(nasty, fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 12 })
  .map((parts) => parts.join('').replaceAll('\0', '').toWellFormed())
const name = fc
  .stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,20}$/)
  .filter((word) => word !== 'PATH' && !word.startsWith('DAGBOOK_'))
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))

/** Prints what a command was given, as JSON in hex, and repeats its input as its output. */
const REPORTER = `
const hex = (value) => Buffer.from(value).toString('hex')
const fs = require('node:fs')
const environ = fs.readFileSync('/proc/self/environ').toString('latin1').split('\\0').filter((entry) => entry !== '')
fs.copyFileSync(process.env.DAGBOOK_INPUT, process.env.DAGBOOK_OUTPUT)
console.log(JSON.stringify({ argv: process.argv.slice(1).map(hex), cwd: hex(process.cwd()), environ }))`

const hex = (value: string) => Buffer.from(value).toString('hex')

describe('hostile bytes', () => {
  it('reach the command as they are: arguments, environment, directory and input', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { maxLength: 4 }),
        fc.dictionary(name, text, { maxKeys: 4 }),
        text.map((value) => value.replaceAll('/', '_').slice(0, 40).toWellFormed()),
        text,
        async (args, environment, folderName, input) => {
          const directory = path.join(folder.dir, `d${folderName}`)
          await mkdir(directory, { recursive: true })
          const argv = [process.execPath, '-e', REPORTER, '--', ...args]
          for (const machine of machines) {
            const attempt = attemptOf({ argv, environment, directory, input })
            await machine.start(attempt)
            expect(await exitOf(machine, attempt)).toMatchObject({ exitCode: 0 })
            const seen = JSON.parse(String(await readAll(machine, attempt, 'STDOUT'))) as Record<string, string[]>
            expect(seen.argv).toEqual(args.map(hex))
            expect(seen.cwd).toBe(hex(directory))
            const sent = Object.entries(environment).map(
              ([key, value]) => `${key}=${Buffer.from(value).toString('latin1')}`,
            )
            expect(seen.environ).toEqual(expect.arrayContaining(sent))
            expect(String((await machine.readOutput(attempt, 100_000)) ?? '')).toBe(input)
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('come back as they are: both streams and the output', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, bytes, bytes, async (out, err, output) => {
        const write = (value: Buffer) =>
          `printf '${[...value].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}'`
        const shell = `${write(out)}; ${write(err)} >&2; ${write(output)} > "$DAGBOOK_OUTPUT"`
        for (const machine of machines) {
          const attempt = attemptOf({ argv: ['sh', '-c', shell] })
          await machine.start(attempt)
          const exit = await exitOf(machine, attempt)
          expect([exit.stdoutBytes, exit.stderrBytes]).toEqual([out.length, err.length])
          expect((await readAll(machine, attempt, 'STDOUT', 97)).equals(out)).toBe(true)
          expect((await readAll(machine, attempt, 'STDERR', 97)).equals(err)).toBe(true)
          expect(((await machine.readOutput(attempt, 1000)) ?? Buffer.alloc(0)).equals(output)).toBe(true)
        }
      }),
      { numRuns: 30 },
    )
  })
})
