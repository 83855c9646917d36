import { styleText } from 'node:util'

export type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'cyan' | 'gray' | 'bold'

/** The three streams of a command, and whether people look at them. */
export interface Terminal {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  /** stdout is a terminal: tables may be cut, control characters must not pass. */
  readonly isInteractive: boolean
  /** One line to stdout. */
  print(line: string): void
  /** One line to stderr: what is not the result. */
  note(line: string): void
  /** One JSON document on one line of stdout. */
  json(value: unknown): void
  /** One JSON document for people: on several lines where a terminal shows it. */
  prettyJson(value: unknown): void
  /** Coloured only where a terminal shows it; NO_COLOR is obeyed. */
  colour(colour: Colour, text: string): string
}

/** The terminal of this process. */
export function processTerminal(process: NodeJS.Process): Terminal {
  const { stdin, stdout, stderr, env } = process
  const isInteractive = stdout.isTTY === true
  const isColoured = isInteractive && !env.NO_COLOR && env.TERM !== 'dumb'
  return {
    stdin,
    stdout,
    stderr,
    isInteractive,
    print: (line) => void stdout.write(`${line}\n`),
    note: (line) => void stderr.write(`${line}\n`),
    json: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
    prettyJson: (value) => {
      const text = JSON.stringify(value, null, isInteractive ? 2 : undefined)
      // JSON escapes the control characters below 32 only; the others steer terminals, too.
      stdout.write(`${text.replace(/[\u007f-\u009f]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`)}\n`)
    },
    colour: (colour, text) => (isColoured ? styleText(colour, text) : text),
  }
}
