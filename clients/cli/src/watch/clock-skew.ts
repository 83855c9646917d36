/** How much this computer's clock is ahead of the server's, in ms, judged by how late events seem to arrive. */
export class ClockSkew {
  private least: number | undefined

  /** Something that the server recorded at that time has just arrived. */
  observe(recordedAt: string, now: number): void {
    const lag = now - Date.parse(recordedAt)
    this.least = Math.min(this.least ?? lag, lag)
  }

  /** The server's time, up to the time that a message takes. */
  serverTime(now: number): number {
    return now - (this.least ?? 0)
  }
}
