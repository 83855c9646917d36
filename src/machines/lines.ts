import type { Readable } from 'node:stream'

/**
 * Calls back with each whole line of a stream, without its newline. Lines may be megabytes: pieces are joined once.
 */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  let pieces: string[] = []
  stream.setEncoding('utf8').on('data', (text: string) => {
    let from = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      const line = pieces.join('') + text.slice(from, end)
      pieces = []
      from = end + 1
      onLine(line)
    }
    if (from < text.length) pieces.push(text.slice(from))
  })
}
