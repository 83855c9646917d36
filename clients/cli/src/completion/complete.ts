import type { Command } from 'commander'
import { contextPath, readContexts } from '../config/context-file.js'
import { contextViews } from '../config/context-view.js'
import type { World } from '../world.js'
import { type Candidate, candidateLine, isPlainWord } from './candidate.js'
import { type Located, locate } from './locate.js'
import { serverValues } from './server-values.js'
import { type Source, sourceOfArgument, sourceOfOption } from './sources.js'

/** Says that the shell's own completion of files is wanted. */
export const FILES = ':files'

/** The lines that `dagbook __complete` prints: candidates with what they are, or FILES. */
export async function completionLines(root: Command, world: World, words: readonly string[]): Promise<string[]> {
  const located = locate(root, words)
  const source = sourceOf(located)
  if (source?.kind === 'files') return [FILES]
  const candidates = source === undefined ? structural(root, located) : await valuesOf(source, world, located)
  const { given, prefix } = located
  return candidates
    .filter(({ value }) => value.toLowerCase().startsWith(given.toLowerCase()))
    .filter(isPlainWord)
    .map(({ value, about }) => candidateLine({ value: prefix + value, about }))
}

function sourceOf({ place }: Located): Source | undefined {
  if (place.kind === 'value') return sourceOfOption(place.option)
  return place.kind === 'argument' ? sourceOfArgument(place.argument) : undefined
}

function structural(root: Command, { place }: Located): Candidate[] {
  if (place.kind === 'command') {
    const visible = root.createHelp().visibleCommands(place.command)
    return visible.map((each) => ({ value: each.name(), about: each.description() }))
  }
  if (place.kind !== 'option') return []
  const help = root.createHelp()
  const options = [...help.visibleOptions(place.command), ...root.options]
  const named = options.map(({ long, description }) => ({ value: long ?? '', about: description }))
  return [...new Map(named.map((each) => [each.value, each])).values()].filter(({ value }) => value !== '')
}

async function valuesOf(source: Source, world: World, { place }: Located): Promise<Candidate[]> {
  if (source.kind === 'words') return source.words.map((value) => ({ value, about: null }))
  if (source.kind === 'contexts') {
    const contexts = contextViews(await readContexts(contextPath(world.env)))
    return contexts.map(({ name, server }) => ({ value: name, about: server }))
  }
  return serverValues(world, source.kind, 'before' in place ? place.before : [])
}
