/** Asks again until the answer is there (null and undefined are none); throws after `limitMs`, with what was awaited. */
export async function until<T>(what: string, ask: () => Promise<T | null | undefined>, limitMs = 15_000): Promise<T> {
  const end = performance.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== null && answer !== undefined) return answer
    if (performance.now() > end) throw new Error(`Waited ${limitMs} ms in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
