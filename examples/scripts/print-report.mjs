// Task `report` of file-report.yaml: what the tasks before it found, as a table.
import { readFileSync, writeFileSync } from 'node:fs'

const { outputs, parameters } = JSON.parse(readFileSync(process.env.DAGBOOK_INPUT, 'utf8'))
const byExtension = Object.entries(outputs['count-lines'].lines).sort((a, b) => b[1] - a[1])
const total = byExtension.reduce((sum, [, lines]) => sum + lines, 0)

console.log(`Report on ${parameters.folder}`)
console.log(`${String(total).padStart(9)}  lines in all, ${outputs.disk?.bytes ?? 0} bytes`)
for (const [extension, lines] of byExtension.slice(0, 10)) console.log(`${String(lines).padStart(9)}  ${extension}`)
console.log('The longest files:')
for (const { file, lines } of outputs.longest.longest) console.log(`${String(lines).padStart(9)}  ${file}`)
writeFileSync(process.env.DAGBOOK_OUTPUT, JSON.stringify({ total, extensions: byExtension.length }))
