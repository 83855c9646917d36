import type { JsonObject } from '../domain/json.js'
import { asObject, own } from './json-access.js'
import type { ProblemList } from './problem-list.js'
import { quote, subject } from './quote.js'

/** RFC 9110 token. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** What a header's value may not hold, besides NUL: it would end the header. */
const LINE_BREAK = /[\r\n]/
const BODILESS = ['GET', 'HEAD']

/** What a schema cannot say of a request: the URL's form, header names and values, no body where none is sent. */
export function checkHttp(http: JsonObject, path: readonly string[], problems: ProblemList): void {
  checkUrl(own(http, 'url'), [...path, 'url'], problems)
  checkHeaders(asObject(own(http, 'headers')) ?? {}, [...path, 'headers'], problems)
  const method = own(http, 'method') ?? 'GET'
  if (Object.hasOwn(http, 'body') && BODILESS.includes(String(method))) {
    const message = `${subject([...path, 'body'])} must be left out: a ${String(method)} request has no body`
    problems.add({ code: 'INVALID', path: [...path, 'body'], message, at: 'KEY' })
  }
}

function checkUrl(url: unknown, path: readonly string[], problems: ProblemList): void {
  if (typeof url !== 'string' || url === '') return
  const protocol = URL.canParse(url) ? new URL(url).protocol : null
  if (protocol === 'http:' || protocol === 'https:') return
  problems.add({
    code: 'INVALID',
    path,
    message: `${subject(path)} must be an absolute http or https URL, not ${quote(url)}`,
  })
}

function checkHeaders(headers: JsonObject, path: readonly string[], problems: ProblemList): void {
  for (const [name, value] of Object.entries(headers)) {
    const at = [...path, name]
    if (!HEADER_NAME.test(name)) {
      const message = `${subject(path)}: a header's name must be an HTTP token, not ${quote(name)}`
      problems.add({ code: 'INVALID', path: at, message, at: 'KEY' })
    }
    if (typeof value === 'string' && LINE_BREAK.test(value)) {
      const message = `${subject(at)} must not contain a line break, as ${quote(value)} does`
      problems.add({ code: 'INVALID', path: at, message })
    }
  }
}
