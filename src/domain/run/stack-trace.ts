/**
 * The last stack trace in what a program printed, as Python, Node.js, Java, .NET, PHP, Ruby, Go (a panic) and Rust (a panic
 * with its backtrace) write them; null: there is none. Looks at each line a bounded number of times, whatever the text.
 */
export function lastStackTrace(text: string): string | null {
  const lines = text.replace(ANSI, '').split(/\r?\n/)
  let last: Span | null = null
  for (let at = 0; at < lines.length; ) {
    const found: Span | null = traceAt(lines, at)
    if (found !== null) last = found
    at = Math.max(at + 1, found?.to ?? 0)
  }
  return last === null ? null : lines.slice(last.from, last.to).join('\n').trimEnd()
}

interface Span {
  readonly from: number
  /** After its last line. */
  readonly to: number
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const ANSI = /\u001b\[[0-9;]{0,20}m/g
/** What decides stands in a line's beginning. */
const LINE = 300
/** How far above its frames a trace's message may begin. */
const LOOK_BACK = 10

function traceAt(lines: readonly string[], at: number): Span | null {
  const line = lineOf(lines, at)
  if (line.startsWith('Traceback (most recent call last)')) return { from: at, to: endOfPython(lines, at) }
  if (/^(panic|fatal error): /.test(line)) return goPanic(lines, at)
  if (/^thread '.*' (\(\d+\) )?panicked at /.test(line)) return { from: at, to: endOfRust(lines, at) }
  if (isAtFrame(line)) return framed(lines, at, goesOnAfterAt)
  if (/^\s+from \S.*:\d+/.test(line)) return framed(lines, at, (next) => /^\s+(from |\.\.\. \d+ levels)/.test(next))
  if (line.trim() === 'Stack trace:' || /^#0 /.test(line))
    return framed(lines, at, (next) => /^(#\d+ |\s+thrown in )/.test(next))
  return null
}

function lineOf(lines: readonly string[], at: number): string {
  return (lines[at] ?? '').slice(0, LINE)
}

/** Java, .NET and JavaScript. */
function isAtFrame(line: string): boolean {
  return /^\s+at (async |new )?\S/.test(line)
}

function goesOnAfterAt(line: string): boolean {
  return (
    isAtFrame(line) ||
    /^\s*(Caused by: |Suppressed: |---> |--- End of |\.\.\. \d+ (more|common)|\[cause\]: |\[errors\]: )/.test(line)
  )
}

/** Frames with the message above them, as far as that can be told from what was printed before. */
function framed(lines: readonly string[], first: number, goesOn: (line: string) => boolean): Span {
  let to = first + 1
  while (to < lines.length && goesOn(lineOf(lines, to))) to += 1
  let from = first
  for (let above = first - 1; above >= 0 && above >= first - LOOK_BACK; above -= 1) {
    const line = lineOf(lines, above)
    if (line.trim() === '') break
    // .NET names what lies beneath before its frames.
    if (isMessage(line) && !line.trimStart().startsWith('--->')) return { from: above, to }
    if (above === first - 1) from = above
  }
  return { from, to }
}

/** `java.lang.IllegalStateException: no`, `Uncaught TypeError: x`, `a.rb:3:in 'f': no (RuntimeError)`, `PHP Fatal error: ...`. */
function isMessage(line: string): boolean {
  return (
    /^\s*(Exception in thread |Unhandled exception|Uncaught |PHP Fatal error|Fatal error)/.test(line) ||
    /(^|[\s.$])[A-Z]\w{0,100}(Error|Exception)\b/.test(line) ||
    /\.rb:\d+:in /.test(line)
  )
}

/** Indented lines and the exception under them; and so on where another follows from it. */
function endOfPython(lines: readonly string[], header: number): number {
  let at = header + 1
  while (at < lines.length && /^\s+\S/.test(lineOf(lines, at))) at += 1
  if (at < lines.length && lineOf(lines, at).trim() !== '') at += 1
  const isChained = /^(During handling of|The above exception was)/.test(lineOf(lines, at + 1))
  const next = at + 3
  if (!isChained || !lineOf(lines, next).startsWith('Traceback (most recent call last)')) return at
  return endOfPython(lines, next)
}

/** A panic is one with goroutines under it; each is a block of its own. */
function goPanic(lines: readonly string[], header: number): Span | null {
  let at = header + 1
  while (at < lines.length && at < header + LOOK_BACK && !isGoroutine(lineOf(lines, at))) at += 1
  if (!isGoroutine(lineOf(lines, at))) return null
  for (;;) {
    while (at < lines.length && lineOf(lines, at).trim() !== '' && !/^exit status \d/.test(lineOf(lines, at))) at += 1
    if (!isGoroutine(lineOf(lines, at + 1))) return { from: header, to: at }
    at += 1
  }
}

function isGoroutine(line: string): boolean {
  return /^goroutine \d+ .*\[.*\]:$/.test(line)
}

/** The message, the backtrace, if it was printed, and the note under it. */
function endOfRust(lines: readonly string[], header: number): number {
  let at = header + 1
  const limit = at + LOOK_BACK
  while (at < lines.length && at < limit && !/^(stack backtrace:|note: )/.test(lineOf(lines, at))) at += 1
  if (at >= lines.length || at === limit) return Math.min(lines.length, header + 2)
  if (lineOf(lines, at) === 'stack backtrace:') at += 1
  while (at < lines.length && /^\s+\S/.test(lineOf(lines, at))) at += 1
  return lineOf(lines, at).startsWith('note: ') ? at + 1 : at
}
