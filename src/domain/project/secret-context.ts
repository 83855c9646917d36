/** What a secret is encrypted for: a value moved to another project or name cannot be read. */
export function secretContext(projectId: string, name: string): string {
  return `secret:${projectId}:${name}`
}

/** As secretContext, for the values that one attempt was given. */
export function attemptSecretContext(instanceId: string, attempt: number): string {
  return `attempt-secret:${instanceId}:${attempt}`
}
