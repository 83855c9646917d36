/** A report says nothing that can be relied on; the message tells why and quotes none of it. */
export class ReportError extends Error {
  override readonly name = 'ReportError'
  readonly code = 'INVALID_REPORT'
}
