import { Command } from 'commander'
import { addApi } from './commands/api.js'
import { addAuditExport } from './commands/audit-export.js'
import { addAuditList } from './commands/audit-list.js'
import { addBackfillCancel } from './commands/backfill-cancel.js'
import { addBackfillShow } from './commands/backfill-show.js'
import { addBackfillStart } from './commands/backfill-start.js'
import { addBatchReport } from './commands/batch-report.js'
import { addBatchRun } from './commands/batch-run.js'
import { addCacheDelete } from './commands/cache-delete.js'
import { addCacheGet } from './commands/cache-get.js'
import { addCacheList } from './commands/cache-list.js'
import { addCacheSet } from './commands/cache-set.js'
import type { Finish } from './commands/command.js'
import { addComplete } from './commands/complete.js'
import { addCompletion } from './commands/completion.js'
import { addContextList } from './commands/context-list.js'
import { addContextRemove } from './commands/context-remove.js'
import { addContextShow } from './commands/context-show.js'
import { addContextUse } from './commands/context-use.js'
import { addDagCheck } from './commands/dag-check.js'
import { addDagDelete } from './commands/dag-delete.js'
import { addDagDisable } from './commands/dag-disable.js'
import { addDagEnable } from './commands/dag-enable.js'
import { addDagList } from './commands/dag-list.js'
import { addDagPublish } from './commands/dag-publish.js'
import { addDagShow } from './commands/dag-show.js'
import { addDagSource } from './commands/dag-source.js'
import { addEvents } from './commands/events.js'
import { addImportAirflow } from './commands/import-airflow.js'
import { addImportCrontab } from './commands/import-crontab.js'
import { addImportRundeck } from './commands/import-rundeck.js'
import { addImportWfformat } from './commands/import-wfformat.js'
import { addInstanceCancel } from './commands/instance-cancel.js'
import { addInstanceForce } from './commands/instance-force.js'
import { addInstanceRetry } from './commands/instance-retry.js'
import { addLogin } from './commands/login.js'
import { addLogout } from './commands/logout.js'
import { addLogs } from './commands/logs.js'
import { addMachineAdd } from './commands/machine-add.js'
import { addMachineApproveKey } from './commands/machine-approve-key.js'
import { addMachineDrain } from './commands/machine-drain.js'
import { addMachineList } from './commands/machine-list.js'
import { addMachineProbe } from './commands/machine-probe.js'
import { addMachineRemove } from './commands/machine-remove.js'
import { addMachineShow } from './commands/machine-show.js'
import { addMachineUndrain } from './commands/machine-undrain.js'
import { addMachineUpdate } from './commands/machine-update.js'
import { addPasswordChange } from './commands/password-change.js'
import { addPoolCreate } from './commands/pool-create.js'
import { addPoolDelete } from './commands/pool-delete.js'
import { addPoolList } from './commands/pool-list.js'
import { addPoolPause } from './commands/pool-pause.js'
import { addPoolResume } from './commands/pool-resume.js'
import { addPoolShow } from './commands/pool-show.js'
import { addPoolUpdate } from './commands/pool-update.js'
import { addProjectArchive } from './commands/project-archive.js'
import { addProjectCreate } from './commands/project-create.js'
import { addProjectList } from './commands/project-list.js'
import { addProjectMember } from './commands/project-member.js'
import { addProjectShow } from './commands/project-show.js'
import { addProjectUpdate } from './commands/project-update.js'
import { addQueueCreate } from './commands/queue-create.js'
import { addQueueDelete } from './commands/queue-delete.js'
import { addQueueDrain } from './commands/queue-drain.js'
import { addQueueList } from './commands/queue-list.js'
import { addQueuePause } from './commands/queue-pause.js'
import { addQueueResume } from './commands/queue-resume.js'
import { addQueueShow } from './commands/queue-show.js'
import { addQueueUpdate } from './commands/queue-update.js'
import { addRunCancel } from './commands/run-cancel.js'
import { addRunList } from './commands/run-list.js'
import { addRunPause } from './commands/run-pause.js'
import { addRunPriority } from './commands/run-priority.js'
import { addRunRerun } from './commands/run-rerun.js'
import { addRunResume } from './commands/run-resume.js'
import { addRunShow } from './commands/run-show.js'
import { addRunStart } from './commands/run-start.js'
import { addRunWatch } from './commands/run-watch.js'
import { addScheduleNext } from './commands/schedule-next.js'
import { addSecretDelete } from './commands/secret-delete.js'
import { addSecretList } from './commands/secret-list.js'
import { addSecretSet } from './commands/secret-set.js'
import { addSessionList } from './commands/session-list.js'
import { addSessionRevoke } from './commands/session-revoke.js'
import { addSlaBacktest } from './commands/sla-backtest.js'
import { addSlaBreaches } from './commands/sla-breaches.js'
import { addSlaCreate } from './commands/sla-create.js'
import { addSlaDelete } from './commands/sla-delete.js'
import { addSlaDisable } from './commands/sla-disable.js'
import { addSlaEnable } from './commands/sla-enable.js'
import { addSlaList } from './commands/sla-list.js'
import { addSlaShow } from './commands/sla-show.js'
import { addSlaUpdate } from './commands/sla-update.js'
import { addTaskRun } from './commands/task-run.js'
import { addTemplateList } from './commands/template-list.js'
import { addTemplatePublish } from './commands/template-publish.js'
import { addTokenCreate } from './commands/token-create.js'
import { addTokenList } from './commands/token-list.js'
import { addTokenRevoke } from './commands/token-revoke.js'
import { addUserCreate } from './commands/user-create.js'
import { addUserErase } from './commands/user-erase.js'
import { addUserList } from './commands/user-list.js'
import { addUserUpdate } from './commands/user-update.js'
import { addWhoami } from './commands/whoami.js'
import { contextName } from './config/context-name.js'
import type { World } from './world.js'

const GROUPS = [
  {
    name: 'context',
    description: 'Servers and identities by name',
    commands: [addContextList, addContextShow, addContextUse, addContextRemove],
  },
  {
    name: 'project',
    description: 'Projects own DAGs',
    commands: [addProjectList, addProjectShow, addProjectCreate, addProjectUpdate, addProjectArchive, addProjectMember],
  },
  {
    name: 'dag',
    description: 'Check, publish, show and enable DAGs',
    commands: [
      addDagCheck,
      addDagPublish,
      addDagList,
      addDagShow,
      addDagSource,
      addDagEnable,
      addDagDisable,
      addDagDelete,
    ],
  },
  { name: 'schedule', description: 'When DAGs run by themselves', commands: [addScheduleNext] },
  {
    name: 'backfill',
    description: 'Run the times of a schedule that have passed',
    commands: [addBackfillStart, addBackfillShow, addBackfillCancel],
  },
  {
    name: 'run',
    description: 'Start, show and steer runs',
    commands: [
      addRunStart,
      addRunWatch,
      addRunShow,
      addRunList,
      addRunCancel,
      addRunPause,
      addRunResume,
      addRunPriority,
      addRunRerun,
    ],
  },
  {
    name: 'instance',
    description: 'Steer single tasks of runs',
    commands: [addInstanceRetry, addInstanceCancel, addInstanceForce],
  },
  {
    name: 'cache',
    description: 'Values that the tasks of a run keep for each other',
    commands: [addCacheGet, addCacheSet, addCacheDelete, addCacheList],
  },
  { name: 'task', description: 'Run one task alone', commands: [addTaskRun] },
  { name: 'batch', description: 'Run lists of scripts', commands: [addBatchRun, addBatchReport] },
  { name: 'template', description: 'Reusable definitions of tasks', commands: [addTemplatePublish, addTemplateList] },
  {
    name: 'machine',
    description: 'Hosts that execute tasks over SSH',
    commands: [
      addMachineAdd,
      addMachineList,
      addMachineShow,
      addMachineProbe,
      addMachineApproveKey,
      addMachineUpdate,
      addMachineDrain,
      addMachineUndrain,
      addMachineRemove,
    ],
  },
  {
    name: 'queue',
    description: 'Where ready instances wait, and how many run at a time',
    commands: [
      addQueueCreate,
      addQueueList,
      addQueueShow,
      addQueueUpdate,
      addQueuePause,
      addQueueResume,
      addQueueDrain,
      addQueueDelete,
    ],
  },
  {
    name: 'pool',
    description: 'Budgets of cpu and memory over queues and machines',
    commands: [addPoolCreate, addPoolList, addPoolShow, addPoolUpdate, addPoolPause, addPoolResume, addPoolDelete],
  },
  {
    name: 'sla',
    description: 'What is watched, and what is done when it breaks',
    commands: [
      addSlaCreate,
      addSlaList,
      addSlaShow,
      addSlaUpdate,
      addSlaEnable,
      addSlaDisable,
      addSlaDelete,
      addSlaBreaches,
      addSlaBacktest,
    ],
  },
  {
    name: 'import',
    description: 'Make DAGs from other formats',
    commands: [addImportWfformat, addImportCrontab, addImportRundeck, addImportAirflow],
  },
  {
    name: 'user',
    description: 'Who can sign in, and what they may do',
    commands: [addUserList, addUserCreate, addUserUpdate, addUserErase],
  },
  { name: 'password', description: 'Change passwords', commands: [addPasswordChange] },
  { name: 'session', description: 'Devices that are signed in', commands: [addSessionList, addSessionRevoke] },
  {
    name: 'token',
    description: 'What programs sign in with',
    commands: [addTokenCreate, addTokenList, addTokenRevoke],
  },
  {
    name: 'secret',
    description: 'Values for tasks that nobody reads',
    commands: [addSecretSet, addSecretList, addSecretDelete],
  },
  { name: 'audit', description: 'Who did or tried what', commands: [addAuditList, addAuditExport] },
] as const

/** The whole command line. It never ends the process: errors are thrown, results reported to `finish`. */
export function program(given: World, version: string, finish: Finish): Command {
  const root = new Command('dagbook')
  const world: World = {
    ...given,
    get contextName() {
      return root.opts<{ context?: string }>().context
    },
  }
  root
    .description('Runs DAGs of tasks and keeps their history')
    .version(version)
    .option(
      '--context <name>',
      'the server and identity to use; default: DAGBOOK_CONTEXT, or the current one',
      contextName,
    )
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void world.terminal.stdout.write(text),
      writeErr: (text) => void world.terminal.stderr.write(text),
    })
    .showHelpAfterError('Next: add --help')
    .addHelpText('after', HELP)
  for (const add of [addLogin, addLogout, addWhoami]) add(root, world, finish)
  for (const { name, description, commands } of GROUPS) {
    const group = root.command(name).description(description)
    for (const add of commands) add(group, world, finish)
  }
  for (const add of [addLogs, addEvents, addApi, addCompletion, addComplete]) add(root, world, finish)
  return root
}

const HELP = `
Environment: DAGBOOK_CONTEXT (a context's name), DAGBOOK_SERVER (an address, where no context is named), DAGBOOK_TOKEN (instead of a login; in a task its own, for dagbook cache), DAGBOOK_CONFIG (the context file).
Exit codes: 0 done (a run: SUCCEEDED), 1 the run ended otherwise (a machine: not ONLINE), 2 wrong usage, 3 refused or problems in the
definition, 4 not signed in or not allowed, 5 not found, 6 no server or an error of its own.`
