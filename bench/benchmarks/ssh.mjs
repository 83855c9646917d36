/** How many tasks that do nothing a host over SSH gets done. Sizes are tasks for each width. */
export const ssh = {
  name: 'ssh',
  title: 'tasks that run `true` on one host over SSH, per second, so many at once',
  measures: [1, 8, 32].map((width) => ({
    key: `rate${width}`,
    label: `tasks per second, ${width} at once`,
    isLessBetter: false,
  })),
  peers: ['ssh2', 'pg'],
  variants: [
    {
      id: 'dagbook',
      isReference: true,
      label: 'Dagbook, full history kept; each task can be found again, with its output and its end',
      script: 'ours/ssh.mjs',
      variant: 'tasks',
      sizes: { full: 300, quick: 40 },
    },
    {
      id: 'exec',
      label: 'ssh2, an exec channel a task on one connection (nothing kept, lost with the connection)',
      script: 'peers/ssh-exec.mjs',
      variant: 'exec',
      sizes: { full: 300, quick: 40 },
    },
  ],
  goals: [],
}
