import { EXIT, type ExitCode } from './exit-code.js'

/** What ends a command: what happened and why (`message`), the next command to try (`next`), the exit code. */
export abstract class Failure extends Error {
  abstract readonly code: string
  abstract readonly exitCode: ExitCode
  readonly next: string | undefined

  constructor(message: string, next?: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.next = next
  }
}

/** The command line itself is wrong. */
export class UsageFailure extends Failure {
  override readonly code = 'USAGE'
  override readonly exitCode = EXIT.USAGE
}

/** The server, or the importer, refused the input; correcting it helps. */
export class RefusedFailure extends Failure {
  override readonly code = 'REFUSED'
  override readonly exitCode = EXIT.REFUSED
}

/** Nobody is signed in, or the session has ended. */
export class NotSignedInFailure extends Failure {
  override readonly code = 'NOT_SIGNED_IN'
  override readonly exitCode = EXIT.NOT_ALLOWED
}

/** Signed in, without the right to do this. */
export class ForbiddenFailure extends Failure {
  override readonly code = 'FORBIDDEN'
  override readonly exitCode = EXIT.NOT_ALLOWED
}

/** What was named does not exist, or may not be seen. */
export class NotFoundFailure extends Failure {
  override readonly code = 'NOT_FOUND'
  override readonly exitCode = EXIT.NOT_FOUND
}

/** No answer from the server: it is down, the address is wrong or the network is. Trying again may help. */
export class UnreachableFailure extends Failure {
  override readonly code = 'UNREACHABLE'
  override readonly exitCode = EXIT.SERVER
}

/** The server answered, but failed. */
export class ServerFailure extends Failure {
  override readonly code = 'SERVER'
  override readonly exitCode = EXIT.SERVER
}

/** The server does not understand the question: it speaks another version of the API. */
export class IncompatibleFailure extends Failure {
  override readonly code = 'INCOMPATIBLE'
  override readonly exitCode = EXIT.SERVER
}
