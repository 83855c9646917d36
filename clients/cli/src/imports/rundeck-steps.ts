import { RefusedFailure } from '../failure.js'
import { type ImportedTask, missingStep, type Notes, shellVariable } from './imported.js'
import { optionVariable } from './rundeck-options.js'
import { asList, asMapping, asText, isTrue, type LineOf, type Mapping } from './yaml-source.js'

/** The steps of a sequence as tasks `step_1`, `step_2` ..., each after the one before; error handlers beside them. */
export function stepsOf(sequence: unknown, lineOf: LineOf, notes: Notes): Record<string, ImportedTask> {
  const given = asMapping(sequence)
  const commands = asList(given?.commands)
  if (given === null || commands.length === 0) {
    throw new RefusedFailure(
      `Rundeck jobs: line ${lineOf('sequence') ?? lineOf('name') ?? 1}: a job needs sequence.commands`,
    )
  }
  const strategy = asText(given.strategy)
  if (strategy !== null && !['node-first', 'step-first', 'sequential'].includes(strategy)) {
    notes.lose(
      lineOf('sequence', 'strategy'),
      'workflow strategies',
      `Strategy ${strategy}: the steps run one after the other`,
    )
  }
  const keepsGoing = isTrue(given.keepgoing)
  const tasks: Record<string, ImportedTask> = {}
  let before: Pick<ImportedTask, 'needs' | 'when'> = {}
  commands.forEach((value, index) => {
    const command = asMapping(value) ?? {}
    const key = `step_${index + 1}`
    const at: LineOf = (...path) => lineOf('sequence', 'commands', index, ...path)
    tasks[key] = { ...nameOf(command), ...before, ...actionOf(command, at, notes) }
    const handler = asMapping(command.errorhandler)
    before = { needs: [key], ...(keepsGoing ? { when: 'ALL_DONE' } : {}) }
    if (handler === null) return
    tasks[`${key}_handler`] = {
      needs: [key],
      when: 'ALL_FAILED',
      ...actionOf(handler, (...path) => at('errorhandler', ...path), notes),
    }
    if (!isTrue(handler.keepgoingOnSuccess) || keepsGoing) return
    notes.add(
      at('errorhandler'),
      'CHANGED',
      `Step ${index + 1}: the run ends FAILED also where its error handler succeeds`,
    )
    before = { needs: [key, `${key}_handler`], when: 'ONE_SUCCESS' }
  })
  return tasks
}

function nameOf({ description }: Mapping): { name?: string } {
  const name = asText(description)?.trim().split('\n')[0]?.slice(0, 200)
  return name ? { name } : {}
}

function actionOf(step: Mapping, at: LineOf, notes: Notes): ImportedTask {
  const args = asText(step.args)
  const exec = asText(step.exec)
  if (exec !== null) return { run: withVariables(exec, at('exec'), notes) }
  const interpreter = asText(step.scriptInterpreter)
  const script = asText(step.script)
  if (script !== null) return inlineScript(script, interpreter, args, at, notes)
  const file = asText(step.scriptfile)
  if (file !== null) return scriptFile(file, interpreter, args, at, notes)
  const what = missingOf(step)
  notes.lose(at(), what.kind, `${what.name}: has no counterpart; its task fails until you write it`)
  return missingStep(what.name)
}

function missingOf(step: Mapping): { kind: string; name: string } {
  const job = asMapping(step.jobref)
  if (job !== null)
    return {
      kind: 'job references',
      name: `job reference ${asText(job.group) ?? ''}/${asText(job.name) ?? asText(job.uuid)}`,
    }
  if (step.scripturl !== undefined) return { kind: 'scripts by URL', name: `script ${asText(step.scripturl)}` }
  return { kind: 'plugin steps', name: `plugin step ${asText(step.type) ?? 'of an unknown type'}` }
}

function scriptFile(
  file: string,
  interpreter: string | null,
  args: string | null,
  at: LineOf,
  notes: Notes,
): ImportedTask {
  if (args === null && !/\s/.test(interpreter ?? '') && !file.includes('option.')) {
    return { script: file, ...(interpreter === null ? {} : { interpreter }) }
  }
  const words = [
    interpreter,
    withVariables(quoted(file), at('scriptfile'), notes),
    args === null ? null : withVariables(args, at('args'), notes),
  ]
  return { run: words.filter((word) => word !== null).join(' ') }
}

/** Where the script is no shell script, its interpreter reads it from /dev/stdin. */
function inlineScript(
  script: string,
  interpreter: string | null,
  args: string | null,
  at: LineOf,
  notes: Notes,
): ImportedTask {
  const given = args === null ? '' : withVariables(args, at('args'), notes)
  const bang = /^#!\s*(\S.*?)\s*(?:\n|$)/.exec(script)?.[1]
  const program = interpreter ?? (bang?.startsWith('/usr/bin/env ') ? bang.slice('/usr/bin/env '.length) : bang) ?? 'sh'
  const isShell = /(^|\/)(sh|bash|dash|ksh|zsh)$/.test(program)
  const text = withVariables(
    script.replaceAll(/@option\.([^@\s]+)@/g, (_, name: string) => shellVariable(`option.${name}`)),
    at('script'),
    notes,
    isShell,
  )
  if (/(^|\/)(sh|dash)$/.test(program)) return { run: given === '' ? text : `set -- ${given}\n${text}` }
  notes.add(
    at('script'),
    'CHANGED',
    `Script: ${program} reads it from /dev/stdin, so it has no standard input of its own`,
  )
  let end = 'END_OF_SCRIPT'
  while (text.split('\n').includes(end)) end = `${end}_`
  const body = text.endsWith('\n') ? text : `${text}\n`
  return { run: `exec ${program} /dev/stdin${given === '' ? '' : ` ${given}`} <<'${end}'\n${body}${end}\n` }
}

/** `${option.name}` and RD_OPTION_NAME become the variables in which parameters arrive. */
function withVariables(text: string, line: number | null, notes: Notes, isShell = true): string {
  let hasOptions = false
  const replaced = text
    .replaceAll(/\$\{option\.([^}]+)\}/g, (_, name: string) => {
      hasOptions = true
      return shellVariable(optionVariable(name.replace(/\.value$/, '')))
    })
    .replaceAll('RD_OPTION_', 'DAGBOOK_PARAM_')
  if (hasOptions) {
    const how = isShell
      ? 'variables of the shell, which single quotes keep as they are'
      : 'environment variables: read them in the script'
    notes.add(line, 'CHANGED', `Options became ${how}`)
  }
  const left = /\$\{(?:job|node|data|export)\.[^}]*\}|@(?:job|node)\.[^@\s]+@|RD_(?:JOB|NODE)_\w+/.exec(replaced)?.[0]
  if (left !== undefined) notes.lose(line, 'context variables', `${left}: has no counterpart`)
  return replaced
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
