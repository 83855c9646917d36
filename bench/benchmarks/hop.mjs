/** How long it takes from the end of one instance to the start of the one that waits for it. Sizes are hops. */
export const hop = {
  name: 'hop',
  title: 'from one start to the next in a chain of no-ops, at idle, ms',
  measures: [
    { key: 'p50', label: 'ms, p50', isLessBetter: true },
    { key: 'p99', label: 'ms, p99', isLessBetter: true },
  ],
  peers: ['@dbos-inc/dbos-sdk', 'graphile-worker', 'pg'],
  variants: [
    {
      id: 'dagbook',
      isReference: true,
      label: 'Dagbook, noop to noop',
      script: 'ours/hop.mjs',
      variant: 'noop',
      sizes: { full: 1_000, quick: 200 },
    },
    {
      id: 'dagbook-engine',
      label: 'Dagbook, through an engine (the assignment is read first)',
      script: 'ours/hop.mjs',
      variant: 'engine',
      sizes: { full: 1_000, quick: 200 },
    },
    {
      id: 'dbos',
      label: 'DBOS, step to step in one workflow',
      script: 'peers/dbos.mjs',
      variant: 'chain',
      sizes: { full: 1_000, quick: 200 },
    },
    {
      id: 'graphile',
      label: 'graphile-worker, the next job added inside the job',
      script: 'peers/graphile-worker.mjs',
      variant: 'chain',
      sizes: { full: 1_000, quick: 200 },
    },
    {
      id: 'raw',
      label: 'one durable INSERT + NOTIFY to the callback',
      script: 'peers/raw-queue.mjs',
      variant: 'notify',
      sizes: { full: 1_000, quick: 200 },
    },
  ],
  goals: [
    { text: 'p50 at most that of DBOS step to step', measure: 'p50', against: 'dbos', atMost: 1 },
    { text: 'p99 at most that of DBOS step to step', measure: 'p99', against: 'dbos', atMost: 1 },
  ],
}
