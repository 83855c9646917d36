// Task `join` of fan-out-fan-in.yaml: the sum of what the parts counted.
import { readFileSync, writeFileSync } from 'node:fs'

const { outputs } = JSON.parse(readFileSync(process.env.DAGBOOK_INPUT, 'utf8'))
const primes = Object.values(outputs).reduce((sum, part) => sum + Number(part.primes ?? 0), 0)

console.log(`${primes} prime numbers below 60000`)
writeFileSync(process.env.DAGBOOK_OUTPUT, JSON.stringify({ primes }))
if (primes !== 6057) throw new Error(`Expected 6057 prime numbers, not ${primes}`)
