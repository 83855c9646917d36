#!/usr/bin/env node
// Writes docs/dag-file.md from schema/dag.schema.json; with --check only compares, and fails when it is out of date.
import { readFileSync, writeFileSync } from 'node:fs'

const schemaFile = new URL('../schema/dag.schema.json', import.meta.url)
const proseFile = new URL('./dag-docs-prose.md', import.meta.url)
const target = new URL('../docs/dag-file.md', import.meta.url)

const schema = JSON.parse(readFileSync(schemaFile, 'utf8'))

const LIST = new Intl.ListFormat('en-GB')

/** The schema with every `$ref` followed; what stands beside a `$ref` wins. */
function resolve(node) {
  if (node.$ref === undefined) return node
  const parts = node.$ref.slice(2).split('/')
  const { $ref: _, ...beside } = node
  return { ...resolve(parts.reduce((at, part) => at[part], schema)), ...beside }
}

function typeOf(node) {
  const { title, enum: values, type, items } = resolve(node)
  if (values !== undefined) return values.map((value) => `\`${value}\``).join(' ')
  if (type === 'array') return `list of ${items === undefined ? 'anything' : typeOf(items)}`
  if (LINKED.has(title)) return `[${title.toLowerCase()}](#${anchor(title)})`
  if (type === undefined) return 'anything'
  return [type]
    .flat()
    .join(' or ')
    .replace('object', 'mapping')
    .replace('string', 'text')
    .replace('boolean', 'true or false')
}

function defaultOf(node, required) {
  const { default: value, 'x-default': words } = resolve(node)
  if (required) return 'required'
  if (words !== undefined) return words
  return value === undefined ? '' : `\`${JSON.stringify(value)}\``
}

function meaningOf(node) {
  const { description = '', examples = [], 'x-engines': engines } = resolve(node)
  const only = engines === undefined ? '' : ` Only with ${LIST.format(engines.map((key) => `\`${key}\``))}.`
  const example = examples.length === 0 ? '' : ` Example: \`${JSON.stringify(examples[0])}\`.`
  return `${description}${only}${example}`.replaceAll('|', '\\|')
}

const LINKED = new Set([
  'Duration',
  'Memory size',
  'Name',
  'Key',
  'Retry',
  'Resources',
  'HTTP request',
  'Thread',
  'Defaults',
  'Schedule',
  'Verdict',
  'Verdict rule',
])
const anchor = (title) => title.toLowerCase().replaceAll(' ', '-')

function table(node, keys = Object.keys(node.properties)) {
  const rows = keys.map((key) => {
    const property = node.properties[key]
    const isRequired = (node.required ?? []).includes(key)
    return `| \`${key}\` | ${typeOf(property)} | ${defaultOf(property, isRequired)} | ${meaningOf(property)} |`
  })
  return ['| key | type | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

const taskKeys = Object.keys(schema.$defs.task.properties)
const dagKeys = Object.keys(schema.properties).filter((key) => !isShortForm(key))
const shortKeys = Object.keys(schema.properties).filter(isShortForm)

function isShortForm(key) {
  return String(schema.properties[key].$ref ?? '').startsWith('#/$defs/task/properties/')
}

function form(name) {
  const { description = '', pattern, 'x-must': must } = schema.$defs[name]
  return [description, `It must ${must}.`, pattern === undefined ? '' : `Pattern: \`${pattern}\`.`]
    .filter(Boolean)
    .join(' ')
}

const blocks = {
  DAG: table(schema, dagKeys),
  TASK: table(schema.$defs.task, taskKeys),
  SHORT: shortKeys.map((key) => `\`${key}\``).join(', '),
  DEFAULTS: `${schema.$defs.defaults.description} ${Object.keys(schema.$defs.defaults.properties)
    .map((key) => `\`${key}\``)
    .join(', ')}.`,
  RETRY: table(schema.$defs.retry),
  RESOURCES: table(schema.$defs.resources),
  SCHEDULE: table(schema.$defs.schedule),
  VERDICT: table(schema.$defs.verdict),
  VERDICT_RULE: table(schema.$defs.verdictRule),
  HTTP: table(schema.$defs.http),
  THREAD: table(schema.$defs.thread),
  NAME: form('name'),
  KEY: form('key'),
  DURATION: form('duration'),
  MEMORY: form('memory'),
}

const prose = readFileSync(proseFile, 'utf8')
const text = prose.replace(/^<!-- (\w+) -->$/gm, (_, name) => {
  if (blocks[name] === undefined) throw new Error(`Unknown block in ${proseFile.pathname}: ${name}`)
  return blocks[name]
})

if (!process.argv.includes('--check')) writeFileSync(target, text)
else {
  const committed = (() => {
    try {
      return readFileSync(target, 'utf8')
    } catch {
      return ''
    }
  })()
  if (committed !== text) {
    console.error('docs/dag-file.md is out of date: run node scripts/emit-dag-docs.mjs')
    process.exitCode = 1
  }
}
