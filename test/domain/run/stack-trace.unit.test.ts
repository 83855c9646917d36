import fc from 'fast-check'
import { lastStackTrace } from '../../../src/domain/run/stack-trace.js'

const PYTHON = `Traceback (most recent call last):
  File "/srv/etl/load.py", line 7, in <module>
    main()
    ~~~~^^
  File "/srv/etl/load.py", line 3, in main
    return {}["rows"]
KeyError: 'rows'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/etl/load.py", line 9, in <module>
    raise ValueError("no rows") from None
ValueError: no rows`
const NODE = `TypeError: Cannot read properties of undefined (reading 'rows')
    at load (file:///srv/etl/load.mjs:3:14)
    at async main (file:///srv/etl/load.mjs:9:3)
    at new Promise (<anonymous>)
  [cause]: Error: connect ECONNREFUSED 127.0.0.1:5432
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1607:16)`
const JAVA = `Exception in thread "main" java.lang.IllegalStateException: no rows
\tat org.example.Load.rows(Load.java:17)
\tat org.example.Load.main(Load.java:5)
Caused by: java.io.IOException: closed
\tat org.example.Reader.read(Reader.java:88)
\t... 2 more`
const DOTNET = `Unhandled exception. System.InvalidOperationException: no rows
 ---> System.IO.IOException: closed
   at Etl.Reader.Read() in /srv/etl/Reader.cs:line 12
   --- End of inner exception stack trace ---
   at Etl.Program.Main(String[] args) in /srv/etl/Program.cs:line 8`
const PHP = `PHP Fatal error:  Uncaught RuntimeException: no rows in /srv/etl/load.php:3
Stack trace:
#0 /srv/etl/load.php(7): load()
#1 {main}
  thrown in /srv/etl/load.php on line 3`
const RUBY = `load.rb:3:in 'rows': no rows (RuntimeError)
\tfrom load.rb:7:in 'main'
\tfrom load.rb:10:in '<main>'`
const GO = `panic: runtime error: index out of range [3] with length 2

goroutine 1 [running]:
main.rows(...)
\t/srv/etl/load.go:7
main.main()
\t/srv/etl/load.go:12 +0x1d

goroutine 6 [chan receive]:
main.wait()
\t/srv/etl/load.go:20 +0x25`
const RUST = `thread 'main' panicked at src/main.rs:4:5:
no rows
stack backtrace:
   0: rust_begin_unwind
             at /rustc/90b35a623/library/std/src/panicking.rs:665:5
   1: load::main
             at ./src/main.rs:4:5
note: Some details are omitted, run with \`RUST_BACKTRACE=full\` for a verbose backtrace.`

const SAMPLES = { Python: PYTHON, 'Node.js': NODE, Java: JAVA, '.NET': DOTNET, PHP, Ruby: RUBY, Go: GO, Rust: RUST }

describe.each(Object.entries(SAMPLES))('a trace of %s', (_, trace) => {
  it('is found whole among what was printed before and after it', () => {
    expect(lastStackTrace(trace)).toBe(trace)
    expect(lastStackTrace(`reading\n3 rows\n\n${trace}\n\ndone, exit status 2\n`)).toBe(trace)
  })

  it('is found in colours and with the line ends of Windows', () => {
    const coloured = trace.split('\n').map((line) => `\u001b[31m${line}\u001b[0m`)
    expect(lastStackTrace(coloured.join('\r\n'))).toBe(trace)
  })

  it.each(Object.entries(SAMPLES))('is not taken for the last one when one of %s follows', (_name, later) => {
    expect(lastStackTrace(`${trace}\n\ntrying again\n\n${later}\n`)).toBe(later)
  })
})

it('a trace whose beginning is cut off is given as far as it is there', () => {
  expect(lastStackTrace('\tat org.example.Load.main(Load.java:5)\n')).toBe('\tat org.example.Load.main(Load.java:5)')
})

it('an older Ruby prints its trace as Python does', () => {
  const trace =
    "Traceback (most recent call last):\n\t1: from load.rb:7:in `<main>'\nload.rb:3:in `rows': no rows (RuntimeError)"
  expect(lastStackTrace(`x\n${trace}\ny`)).toBe(trace)
})

it.each([
  '',
  'all is well\n',
  'looking at 3 rows\n  at noon\n'.slice(0, 18),
  'panic: sold out\n',
  'a from b\n',
  '# 1 comment',
])('in %j there is none', (text) => {
  expect(lastStackTrace(text)).toBeNull()
})

/** How often a line was looked at: each look cuts it to its beginning. */
function looksAt(text: string): number {
  const own = Object.getOwnPropertyDescriptor(String.prototype, 'slice') as PropertyDescriptor
  let looks = 0
  const counted = new Proxy(own.value as typeof String.prototype.slice, {
    apply: (slice, self, given) => {
      looks += 1
      return Reflect.apply(slice, self, given)
    },
  })
  Object.defineProperty(String.prototype, 'slice', { ...own, value: counted })
  try {
    lastStackTrace(text)
  } finally {
    Object.defineProperty(String.prototype, 'slice', own)
  }
  return looks
}

it('takes time in proportion to the lines, whatever they are', () => {
  const pieces = [
    ...[
      '',
      ' ',
      '\tat x',
      'Error',
      'panic: x',
      'goroutine 1 [running]:',
      "thread 'x' panicked at y",
      '#0 x',
      'Stack trace:',
    ],
    ...[
      '\tfrom a:1',
      'Traceback (most recent call last):',
      'During handling of',
      '  [cause]: x',
      'x',
      'stack backtrace:',
      'note: x',
    ],
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 8 }), (chosen) => {
      const lines = `${chosen.join('\n')}\n`.repeat(500)
      expect(looksAt(lines)).toBeLessThanOrEqual(40 * chosen.length * 500)
    }),
    { numRuns: 300 },
  )
  expect(looksAt('x'.repeat(1_000_000))).toBeLessThan(10)
})
