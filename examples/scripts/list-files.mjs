// Task `list` of file-report.yaml: the files below a folder, without what is built, downloaded or hidden.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const LEFT_OUT = new Set(['node_modules', 'dist'])
/** Keeps the output below its limit of 1 MB. */
const MOST = 5_000

const files = []
const folders = [process.env.DAGBOOK_PARAM_FOLDER ?? '.']
for (const folder of folders) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || LEFT_OUT.has(entry.name)) continue
    if (entry.isDirectory()) folders.push(join(folder, entry.name))
    else if (entry.isFile() && files.length < MOST) files.push(join(folder, entry.name))
  }
}

files.sort()
console.log(`${files.length} files in ${folders.length} folders`)
writeFileSync(process.env.DAGBOOK_OUTPUT, JSON.stringify({ count: files.length, files }))
