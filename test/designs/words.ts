import { readFileSync } from 'node:fs'
import { buildSchema, type GraphQLSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql'
import type { Answers } from './answers.js'

/**
 * The four designs that Dagbook grew from, word for word: coverage.tsv has each field of their tables, and each value that
 * they list, beside its place in the API.
 */
export const DESIGNS = ['dag-scheduler', 'task-platform', 'task-module', 'script-batch-runner'] as const

export type Design = (typeof DESIGNS)[number]

export interface Word {
  readonly design: Design
  readonly word: string
  /** `Type.field`, `Enum.VALUE` or `Input.field`. */
  readonly coordinate: string
}

const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8')

export const WORDS: readonly Word[] = read('coverage.tsv')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [design, word, coordinate] = line.split('\t')
    return { design, word, coordinate } as Word
  })

/** Backups are not built yet. Once one of these is in the schema, it has to be answered like all others. */
export const NOT_BUILT_YET: ReadonlySet<string> = new Set([
  'Backup.createdAt',
  'Backup.createdBy',
  'Backup.description',
  'Backup.errorMessage',
  'Backup.id',
  'Backup.path',
  'Backup.sizeBytes',
  'Backup.takenAt',
  'BackupKind.FULL',
  'BackupKind.INCREMENTAL',
  'BackupStatus.FAILED',
  'BackupStatus.SUCCEEDED',
  'BackupTrigger.AUTO',
  'BackupTrigger.MANUAL',
  'BackupTrigger.SCHEDULED',
])

/** Where the files of a test are in memory, no disk is read or written for it. */
const MAY_BE_ZERO: ReadonlySet<string> = new Set(['MetricSample.diskReadMb', 'MetricSample.diskWriteMb'])

export const schema: GraphQLSchema = buildSchema(read('../../schema/schema.graphql'))

export function isInSchema(coordinate: string): boolean {
  const [typeName = '', member = ''] = coordinate.split('.')
  const type = schema.getType(typeName)
  if (isEnumType(type)) return type.getValue(member) !== undefined
  if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) return member in type.getFields()
  return false
}

/** The words of the design that nothing tells of, with their coordinates. */
export function untold(design: Design, answers: Answers): string[] {
  return WORDS.filter((word) => word.design === design && !NOT_BUILT_YET.has(word.coordinate))
    .filter(({ coordinate: c }) => !(MAY_BE_ZERO.has(c) ? answers.gives(c) : answers.tells(c)))
    .map(({ word, coordinate }) => `${coordinate} (${word})`)
}
