import type { Action } from './action.js'

/** What a task of the engines `script` and `thread` executes. */
export interface Script {
  /** As it was given: on the machine, or in the servers' folder of modules. */
  readonly path: string
  /** The path's last part. */
  readonly name: string
  /** As it was given, or else the path's folder; null: neither. */
  readonly module: string | null
}

/** The script that an action executes; null: it executes none. */
export function scriptOf(action: Action): Script | null {
  if (action.engine !== 'script' && action.engine !== 'thread') return null
  const path = action.engine === 'thread' ? action.file : action.command
  const slash = path.lastIndexOf('/')
  const folder = path.slice(0, Math.max(slash, 0)).replace(/^(\.\/)+/, '')
  return {
    path,
    name: path.slice(slash + 1),
    module: action.module ?? (folder === '' || folder === '.' ? null : folder),
  }
}
