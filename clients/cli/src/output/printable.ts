// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC begins a colour.
const COLOUR = /(\u001b\[[0-9;]*m)/

/** Text from a server or a task, fit for a terminal's cell: what could steer the terminal becomes visible. */
export function printable(text: string): string {
  return text.replace(CONTROL, visible).replace(/[\n\t]/g, ' ')
}

/** The same for running text: lines, tabs and colours (SGR) stay. */
export function printableText(text: string): string {
  return text
    .split(COLOUR)
    .map((part, index) =>
      index % 2 === 1 ? part : part.replace(CONTROL, (sign) => (sign === '\r' ? sign : visible(sign))),
    )
    .join('')
}

function visible(sign: string): string {
  return `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`
}
