/** How many events a second the journal takes. Sizes are ms. */
export const append = {
  name: 'append',
  title: 'events per second through commands of 100 events, hashed and projected inline, 8 streams at once',
  measures: [{ key: 'rate', label: 'events per second', isLessBetter: false }],
  peers: ['@event-driven-io/emmett-postgresql', 'pg'],
  variants: [
    {
      id: 'dagbook',
      isReference: true,
      label: 'Dagbook, 100 events a command, hashes, 197 rows projected',
      script: 'ours/append.mjs',
      variant: 'run',
      sizes: { full: 5_000, quick: 1_000 },
    },
    ...[
      ['1-inline', 'emmett-postgresql, 1 event an append, 8 streams, inline projection (1 document)'],
      ['1-none', 'emmett-postgresql, 1 event an append, 8 streams'],
      ['100-inline', 'emmett-postgresql, 100 events an append, 8 streams, inline projection (1 document)'],
      ['100-none', 'emmett-postgresql, 100 events an append, 8 streams'],
    ].map(([variant, label]) => ({
      id: `emmett-${variant}`,
      label,
      script: 'peers/emmett.mjs',
      variant,
      sizes: { full: 4_000, quick: 1_000 },
    })),
    ...[
      ['unnest', 'bare SQL, INSERT ... unnest of 1,000 (no hashes, nothing projected)'],
      ['copy', 'bare SQL, COPY of 10,000 (no hashes, nothing projected)'],
    ].map(([variant, label]) => ({
      id: variant,
      label,
      script: 'peers/raw-append.mjs',
      variant,
      sizes: { full: 4_000, quick: 1_000 },
    })),
  ],
  goals: [
    { text: 'at least 0.4 of INSERT ... unnest of 1,000', measure: 'rate', against: 'unnest', atLeast: 0.4 },
    {
      text: 'at least 30 times emmett with an inline projection (1 event an append)',
      measure: 'rate',
      against: 'emmett-1-inline',
      atLeast: 30,
    },
  ],
}
