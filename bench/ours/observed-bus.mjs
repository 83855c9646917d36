/**
 * The command bus with someone looking on: `onClaimed(claimed)` at the moment when a dispatcher is told what is its own,
 * `onEnded(outcome)` when the report of an end is durable. The caller is given the bus's own promise, so that nothing
 * comes a turn later than it would without.
 */
export function observedBus(bus, { onClaimed = () => undefined, onEnded = () => undefined }) {
  const ignore = () => undefined
  return {
    claim(request) {
      const result = bus.claim(request)
      result.then((claimed) => claimed.length > 0 && onClaimed(claimed), ignore)
      return result
    },
    execute(command) {
      const result = bus.execute(command)
      if (command.command.type === 'ReportEnded') result.then(onEnded, ignore)
      return result
    },
  }
}
