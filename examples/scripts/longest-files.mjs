// Task `longest` of file-report.yaml: the files with the most lines.
import { readFileSync, writeFileSync } from 'node:fs'

const { outputs, parameters } = JSON.parse(readFileSync(process.env.DAGBOOK_INPUT, 'utf8'))
const counted = outputs.list.files.map((file) => ({ file, lines: readFileSync(file, 'latin1').split('\n').length - 1 }))
const longest = counted.sort((a, b) => b.lines - a.lines).slice(0, parameters.top)

for (const { file, lines } of longest) console.log(`${lines}\t${file}`)
writeFileSync(process.env.DAGBOOK_OUTPUT, JSON.stringify({ longest }))
