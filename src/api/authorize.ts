import { type Action, may } from '../access/policy.js'
import type { Viewer } from '../access/viewer.js'
import { ForbiddenError, UnauthenticatedError } from './api-error.js'
import type { Context } from './context.js'

/** Who is asking. Throws UnauthenticatedError. */
export function signedInViewer(context: Context): Viewer {
  if (context.viewer === null) throw new UnauthenticatedError()
  return context.viewer
}

/** Throws ForbiddenError unless the viewer may do it in that project. An invisible project is NOT_FOUND: look first. */
export function authorize(context: Context, action: Action, projectId: string | null = null): Viewer {
  const viewer = signedInViewer(context)
  if (!may(viewer, action, projectId)) throw new ForbiddenError(action)
  return viewer
}
