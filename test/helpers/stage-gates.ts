import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { until } from './until.js'

/**
 * Gates in the host's scripts, at the stages that they name (`# stage:`), put there on the host itself: sshd runs every
 * program through a filter (ForceCommand). So dispatchers need not know, and the one that is tested is the one that is
 * shipped. A gate that is closed holds the first who comes, and lets all others pass.
 *
 *   test: close('begin') -> host: mv begin.closed begin.held, waits -> test: held('begin') ... open('begin')
 *
 * One stage more than the scripts name: `collecting`, a question for output that does not begin at its beginning.
 */
export class StageGates {
  private constructor(private readonly dir: string) {}

  /** In a folder that every user may write to. */
  static async make(dir: string): Promise<StageGates> {
    await mkdir(dir, { recursive: true })
    await chmod(dir, 0o777)
    await writeFile(path.join(dir, 'filter.sh'), filter(dir), { mode: 0o755 })
    return new StageGates(dir)
  }

  /** For sshd_config. */
  get config(): readonly string[] {
    return [`ForceCommand exec sh ${this.dir}/filter.sh`]
  }

  async close(stage: string): Promise<void> {
    await writeFile(this.#file(stage, 'closed'), '')
  }

  /** Once somebody is held there. */
  async held(stage: string, limitMs = 60_000): Promise<void> {
    const is = async () => (await readdir(this.dir)).includes(`${stage}.held`)
    await until(`somebody at the gate ${stage}`, is, limitMs)
  }

  /** Lets go whoever is held. */
  async open(stage: string): Promise<void> {
    await rm(this.#file(stage, 'closed'), { force: true })
    await rm(this.#file(stage, 'held'), { force: true })
  }

  #file(stage: string, state: string): string {
    return path.join(this.dir, `${stage}.${state}`)
  }
}

/** What is not an agent is run as it is. An agent's text comes on stdin, and its length is in the command. */
function filter(dir: string): string {
  return `case $SSH_ORIGINAL_COMMAND in
  *'head -c '*dagbook-agent*) ;;
  *) exec sh -c "$SSH_ORIGINAL_COMMAND" ;;
esac
length=\${SSH_ORIGINAL_COMMAND#*head -c } length=\${length%%)*}
gate() {
  if [ "$1" = asked ]; then
    [ "$verb" = READ ] && [ "$b" -gt 1 ] || return 0
    set -- collecting
  fi
  [ -e "${dir}/$1.closed" ] && mv "${dir}/$1.closed" "${dir}/$1.held" 2> /dev/null || return 0
  while [ -e "${dir}/$1.held" ]; do sleep 0.2; done
}
text=$(head -c "$length" | sed 's/^\\( *\\)# stage: \\([a-z]*\\)$/\\1gate \\2/')
eval "$text"
`
}
