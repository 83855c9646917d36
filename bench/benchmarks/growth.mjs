/**
 * What a claim takes, by how many wait. Sizes are waiting instances. There are no peers: the first variant, a thousand, is what
 * the others are held against, so a ratio of 0.67 means half as long again.
 */
const ours = { script: 'ours/growth.mjs' }
const sizes = { full: 1_000_000, quick: 20_000 }

export const growth = {
  name: 'growth',
  title: 'a claim of 10 no-ops and the report of their ends, ms, by what waits',
  measures: [
    { key: 'p50', label: 'ms a claim, p50', isLessBetter: true },
    { key: 'p99', label: 'ms a claim, p99', isLessBetter: true },
  ],
  peers: ['pg'],
  variants: [
    {
      id: 'thousand',
      isReference: true,
      label: '1,000 ready',
      ...ours,
      variant: 'ready',
      sizes: { full: 1_000, quick: 1_000 },
    },
    {
      id: 'hundred-thousand',
      label: '100,000 ready',
      ...ours,
      variant: 'ready',
      sizes: { full: 100_000, quick: 10_000 },
    },
    { id: 'million', label: '1,000,000 ready', ...ours, variant: 'ready', sizes },
    {
      id: 'unserved',
      label:
        '1,000 ready, 1,000,000 that nothing can serve (queue paused, machine away, labels nowhere, pool full, too large)',
      ...ours,
      variant: 'unserved',
      sizes,
    },
    {
      id: 'snapshot',
      label: '100,000 ready, a snapshot of before them held open, after 20,000 claims',
      ...ours,
      variant: 'snapshot',
      sizes: { full: 100_000, quick: 10_000 },
    },
  ],
  goals: [
    { text: '1,000,000 at most 1.5 times 1,000', measure: 'p50', against: 'million', atLeast: 0.67 },
    { text: '1,000,000 unserved at most 1.5 times none', measure: 'p50', against: 'unserved', atLeast: 0.67 },
  ],
}
