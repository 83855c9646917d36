// Task `count-lines` of file-report.yaml: lines by extension, from the files that `list` found.
import { readFileSync, writeFileSync } from 'node:fs'
import { extname } from 'node:path'

const { outputs } = JSON.parse(readFileSync(process.env.DAGBOOK_INPUT, 'utf8'))
const lines = {}
for (const file of outputs.list.files) {
  const extension = extname(file) || '(none)'
  lines[extension] = (lines[extension] ?? 0) + readFileSync(file, 'latin1').split('\n').length - 1
}

for (const [extension, count] of Object.entries(lines)) console.log(`${extension}\t${count}`)
writeFileSync(process.env.DAGBOOK_OUTPUT, JSON.stringify({ lines }))
