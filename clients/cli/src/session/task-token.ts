/** Whether a token is a task's own: it opens the cache of its run and nothing else, and is no sign-in. */
export function isTaskToken(token: string): boolean {
  return token.startsWith('dagtask.')
}
