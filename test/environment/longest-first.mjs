import Sequencer from '@jest/test-sequencer'

/** How long a suite takes, by the price in its name; jest knows better once it has run them here. */
const PRICE = [/acceptance.*e2e\.test\.ts$/, /e2e\.test\.ts$/, /db\.test\.ts$/]

const priceOf = ({ path }) => {
  const at = PRICE.findIndex((pattern) => pattern.test(path))
  return at < 0 ? PRICE.length : at
}

/** The long ones begin first, also on a machine that has never run them: or the last of them runs alone. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((one, other) => priceOf(one) - priceOf(other))
  }
}
