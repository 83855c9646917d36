import { readdirSync, readFileSync } from 'node:fs'
import { checkDefinition } from '../../src/definitions/check-definition.js'
import { problemsOf, problemsOfTask } from './problems-of.js'

const NAME_RULE = 'start with a letter or _ and go on with letters, digits, `.`, _ and -, at most 100 characters'

describe('a valid file', () => {
  it('becomes a definition as it was written', () => {
    const source =
      'name: x\nskipFailed: true\ntasks:\n  b: { needs: [a], run: echo, timeout: 90s }\n  a: { noop: {} }\n'
    expect(checkDefinition(source)).toEqual({
      definition: {
        name: 'x',
        skipFailed: true,
        tasks: { b: { needs: ['a'], run: 'echo', timeout: '90s' }, a: { noop: {} } },
      },
      problems: [],
    })
  })

  it('may be JSON', () => {
    const definition = { name: 'x', tasks: { a: { run: 'echo "hi"\n' } } }
    expect(checkDefinition(JSON.stringify(definition)).definition).toEqual(definition)
    expect(checkDefinition(JSON.stringify(definition, null, '\t')).definition).toEqual(definition)
  })

  it('of one task gets it under its own name, or as main where that is no key', () => {
    expect(checkDefinition('name: x\nrun: y\nenv: { A: 1 }\ntimeout: 1h').definition).toEqual({
      name: 'x',
      timeout: '1h',
      tasks: { x: { run: 'y', env: { A: 1 } } },
    })
    expect(Object.keys(checkDefinition('name: a.b\nnoop: {}').definition?.tasks ?? {})).toEqual(['main'])
  })

  it('may use anchors, and keeps dates as text', () => {
    const source = 'name: x\ntasks:\n  a: { run: &run echo, tags: [2026-12-01] }\n  b: { run: *run }\n'
    expect(checkDefinition(source).definition?.tasks).toEqual({
      a: { run: 'echo', tags: ['2026-12-01'] },
      b: { run: 'echo' },
    })
  })

  it.each(['ALL_DONE', 'ALWAYS', 'ONE_FAILED'])('may have the rule %s on a task without needs', (rule) => {
    expect(problemsOfTask('run: x', `when: ${rule}`)).toEqual([])
  })

  it('is what each example is', () => {
    const files = readdirSync('examples').filter((file) => file.endsWith('.yaml'))
    expect(files.length).toBeGreaterThan(5)
    for (const file of files) expect(problemsOf(readFileSync(`examples/${file}`, 'utf8'))).toEqual([])
  })
})

describe('text that is no DAG file', () => {
  it.each([
    ['', '1:1 INVALID The file must be a mapping with name and tasks'],
    ['- x', '1:1 INVALID The file must be a mapping with name and tasks'],
    [
      'name: x',
      '1:1 REQUIRED The file needs tasks, or one of run, script, http, thread, noop, template for a DAG of one task',
    ],
    ['run: y', '1:1 REQUIRED The file needs name'],
    ['{"name":"x","run":"y"', '1:22 INVALID The file is not valid YAML: Flow map must end with a }'],
    ['name: !foo x\nrun: y', '1:7 INVALID The file is not valid YAML: tags such as !x and !!set are not allowed'],
    [
      'name: x\nrun: !!binary aGk=',
      '2:6 INVALID The file is not valid YAML: tags such as !x and !!set are not allowed',
    ],
    ['name: x\nrun: y\n---\nb: 1', '3:1 INVALID The file has more than one document'],
    ['%YAML 1.1\n---\nname: x', '1:1 INVALID The file has a directive; only %YAML 1.2 is known'],
    ['name: x\nrun: y\n? [a]\n: x', '3:3 INVALID The file is not valid YAML: keys are plain text'],
    ['name: x\nrun: "a\0"', '2:8 INVALID The file must not contain NUL or half a character'],
    ['name: x\nrun: "a\ud800"', '2:8 INVALID The file must not contain NUL or half a character'],
    ['name: x\nrun: "\\0"', '2:6 INVALID run must not contain NUL or half of a surrogate pair, as "\\u0000" does'],
    ['name: x\nrun: "\\ud800"', '2:6 INVALID run must not contain NUL or half of a surrogate pair, as "\\ud800" does'],
    ['name: x\nrun: y\nrun: z', '3:1 INVALID run is given twice in one mapping'],
    ['name: x\nnoop: {}\n__proto__: 1', '3:1 INVALID The file must not have a key __proto__'],
    ['<<: { a: 1 }\nname: x\nrun: y', '1:1 INVALID "<<" is not a known key'],
    ['name: x\nnoop: {}\nmaxParallel: .inf', '3:14 INVALID maxParallel must be a number that JSON has, not Infinity'],
    ['name: x\nrun: *a', '2:6 INVALID run is the alias of an anchor that is not before it, "a"'],
    ['name: x\nnoop: {}\ntags: &a [*a]', '3:10 INVALID tags[0] is an alias of what it stands in'],
  ])('%j is refused', (source, problem) => {
    expect(problemsOf(source)).toContain(problem)
  })
})

describe('structure', () => {
  it.each([
    ['name: a b\nrun: x', `1:7 INVALID name must ${NAME_RULE}, not "a b"`],
    ['name: x\nrun: x\nskipfailed: true', '3:1 INVALID skipfailed is not a known key. Did you mean skipFailed?'],
    [
      'name: x\nrun: x\ntimeout: soon',
      '3:10 INVALID timeout must be a duration such as 90s, 1h30m or 1d, or a number of seconds, not "soon"',
    ],
    ['name: x\nrun: x\ntimeout: 0s', '3:10 INVALID timeout must be longer than nothing, not "0s"'],
    ['name: x\nrun: x\ntimeout: 4000d', '3:10 INVALID timeout must be at most 3650d, not "4000d"'],
    ['name: x\nrun: x\nmaxParallel: 0', '3:14 INVALID maxParallel must be a whole number from 1 to 10000, not 0'],
    ['name: x\nrun: x\ntasks: { a: { run: x } }', '2:1 INVALID run belongs to a task when the file has tasks'],
    ['name: x\ntasks: {}', '2:8 INVALID tasks must be a mapping of task keys to tasks, with at least one task, not {}'],
    [
      'name: x\ntasks: { 1a: { run: x } }',
      '2:10 INVALID tasks: a task key must start with a letter or _ and go on with letters, digits, _ and -, at most 100 characters, not "1a"',
    ],
    ['name: x\ntasks:\n  a:', '3:3 INVALID tasks.a must be a mapping, such as { run: echo hello }, not null'],
  ])('%j is refused', (source, problem) => {
    expect(problemsOf(source)).toEqual([problem])
  })

  it.each([
    ['{}', '3:3 REQUIRED tasks.a needs one of run, script, http, thread, noop, template'],
    [
      'run: x\n    noop: {}',
      '5:5 INVALID tasks.a must have exactly one of run, script, http, thread, noop, template, not run and noop',
    ],
    ['run: x\n    depends_on: [b]', '5:5 INVALID tasks.a.depends_on is not a known key. Did you mean needs?'],
    [
      'run: x\n    when: ONE_FAIL',
      '5:11 INVALID tasks.a.when must be one of ALL_SUCCESS, ALL_FAILED, ALL_DONE, ALL_DONE_MIN_ONE_SUCCESS, ONE_SUCCESS, ONE_FAILED, ONE_DONE, NONE_FAILED, NONE_SKIPPED, NONE_FAILED_MIN_ONE_SUCCESS, ALL_SKIPPED, ALWAYS, not "ONE_FAIL"',
    ],
    ['run: x\n    priority: 101', '5:15 INVALID tasks.a.priority must be a whole number from -100 to 100, not 101'],
    [
      'run: x\n    retry: { maxAttempts: 0.5 }',
      '5:27 INVALID tasks.a.retry.maxAttempts must be a whole number from 1 to 1000, not 0.5',
    ],
    [
      'run: x\n    resources: { memory: 5XB }',
      '5:26 INVALID tasks.a.resources.memory must be a size such as 512MB or 1.5GiB, or a number of bytes, not "5XB"',
    ],
    [
      'run: x\n    resources: { memory: 9999TB }',
      '5:26 INVALID tasks.a.resources.memory must be at most 9007TB, not "9999TB"',
    ],
    ['noop: {}\n    arguments: [x]', '5:5 INVALID tasks.a.arguments is for run and script only, not for noop'],
    ['run: x\n    interpreter: sh', '5:5 INVALID tasks.a.interpreter is for script only, not for run'],
    [
      'http: { url: "http://x" }\n    env: {}',
      '5:5 INVALID tasks.a.env is for run, script and thread only, not for http',
    ],
    ['noop: {}\n    machine: local', '5:5 INVALID tasks.a.machine is for run and script only, not for noop'],
    ['noop: {}\n    directory: .', '5:5 INVALID tasks.a.directory is for run and script only, not for noop'],
    [
      'run: x\n    env: { 1A: x }',
      '5:12 INVALID tasks.a.env: a variable must start with a letter or _ and go on with letters, digits and _, at most 200 characters, and not with DAGBOOK_, not "1A"',
    ],
    ['http: {}', '4:5 REQUIRED tasks.a.http needs url'],
    ['http: { url: "ftp://x" }', '4:18 INVALID tasks.a.http.url must be an absolute http or https URL, not "ftp://x"'],
    [
      'http: { url: "http://x", method: get }',
      '4:38 INVALID tasks.a.http.method must be one of GET, HEAD, POST, PUT, PATCH, DELETE, not "get"',
    ],
    [
      'http: { url: "http://x", expectStatus: [99] }',
      '4:45 INVALID tasks.a.http.expectStatus[0] must be a status from 100 to 599, not 99',
    ],
    [
      'http: { url: "http://x", body: 1 }',
      '4:30 INVALID tasks.a.http.body must be left out: a GET request has no body',
    ],
    [
      'http: { url: "http://x", headers: { "a b": x } }',
      '4:41 INVALID tasks.a.http.headers: a header\'s name must be an HTTP token, not "a b"',
    ],
    [
      'http: { url: "http://x", headers: { a: "x\\ny" } }',
      '4:44 INVALID tasks.a.http.headers.a must not contain a line break, as "x\\ny" does',
    ],
    [
      'template: "a b"',
      '4:15 INVALID tasks.a.template must be the name of a template, with or without a version: postgres-load@3, not "a b"',
    ],
    [
      'template: x@0',
      '4:15 INVALID tasks.a.template must be the name of a template, with or without a version: postgres-load@3, not "x@0"',
    ],
    ['run: x\n    with: {}', '5:5 INVALID tasks.a.with is for template only, not for run'],
    ['template: x\n    arguments: [a]', '5:5 INVALID tasks.a.arguments is for run and script only, not for template'],
    [
      'template: x\n    with: { a: { $value: "1 +" } }',
      expect.stringMatching(/^5:26 INVALID tasks.a.with.a.\$value must be valid CEL/),
    ],
    [
      'template: x\n    with: { a: { $value: "outputs.b" } }',
      expect.stringMatching(/^5:26 INVALID tasks.a.with.a.\$value must read outputs of tasks before it/),
    ],
  ])('of a task: %j is refused', (task, problem) => {
    expect(problemsOfTask(task)).toEqual([problem])
  })

  it('has no argument, variable or shell text beyond what a process can be given', () => {
    const long = 'x'.repeat(128_001)
    for (const key of [`run: ${long}`, `run: x\n    arguments: [${long}]`, `run: x\n    env: { A: ${long} }`]) {
      expect(problemsOfTask(key)).toEqual([expect.stringMatching(/TOO_LARGE .* at most 128000 bytes, not 128001/)])
    }
  })
})

describe('a thread', () => {
  it.each([
    ['{}', '4:5 REQUIRED tasks.a.thread needs module'],
    ['{ module: ../x.mjs }', /^4:23 INVALID tasks.a.thread.module must be a file such as .* not "..\/x.mjs"$/],
    ['{ module: /etc/x.mjs }', /^4:23 INVALID tasks.a.thread.module must be a file such as/],
    ['{ module: a/.b/x.mjs }', /^4:23 INVALID tasks.a.thread.module must be a file such as/],
    ['{ module: x.py }', /^4:23 INVALID tasks.a.thread.module must be a file such as/],
    ['{ module: x.mjs, memory: 1MB }', '4:38 INVALID tasks.a.thread.memory must be at least 16MB, not "1MB"'],
    ['{ module: x.mjs, memory: 2TB }', '4:38 INVALID tasks.a.thread.memory must be at most 1TB, not "2TB"'],
    ['{ module: x.mjs, memory: much }', /^4:38 INVALID tasks.a.thread.memory must be a size such as 512MB/],
    [
      '{ module: x.mjs, input: { a: { $value: "outputs.b" } } }',
      /^4:52 INVALID tasks.a.thread.input.a.\$value must read outputs of tasks before it/,
    ],
  ])('%s is refused', (thread, problem) => {
    const wanted = typeof problem === 'string' ? problem : expect.stringMatching(problem)
    expect(problemsOfTask(`thread: ${thread}`)).toEqual([wanted])
  })

  it('names a module and takes variables, but nothing of a machine', () => {
    expect(problemsOfTask('thread: { module: a/@b/c.d.mjs, export: x, input: [1], memory: 16MB }')).toEqual([])
    expect(problemsOfTask('thread: { module: x.js }', 'env: { A: { secret: b } }')).toEqual([])
    expect(problemsOfTask('thread: { module: x.js }', 'resources: { cpu: 1 }')).toEqual([
      '5:5 INVALID tasks.a.resources is for run and script only, not for thread',
    ])
  })
})

describe('where a task runs, and with which secrets', () => {
  it('a task names its machine or labels of it, not both', () => {
    expect(problemsOfTask('run: x', 'labels: [gpu, big]')).toEqual([])
    expect(problemsOfTask('run: x', 'labels: [gpu]', 'machine: gpu-1')).toEqual([
      '5:5 INVALID tasks.a.labels is for tasks without a machine',
    ])
    expect(problemsOfTask('noop: {}', 'labels: [gpu]')).toEqual([
      '5:5 INVALID tasks.a.labels is for run and script only, not for noop',
    ])
  })

  it('a variable takes a secret by its name, and nothing beside it', () => {
    expect(problemsOfTask('run: x', 'env: { A: { secret: b } }')).toEqual([])
    expect(problemsOfTask('run: x', 'env: { A: { secret: 2 } }')).toEqual([
      expect.stringContaining('INVALID tasks.a.env.A must be { secret: NAME }'),
    ])
  })
})

describe('a file with several problems', () => {
  it('has them all reported, by position', () => {
    const problems = problemsOf(
      'nam: x\ntimeout: 0\ntasks:\n  a: { needs: [b, a], runn: x }\n  c: { run: x, if: "1 +" }\n',
    )
    expect(problems.map((problem) => problem.slice(0, problem.indexOf(' ', problem.indexOf(' ') + 1)))).toEqual([
      '1:1 REQUIRED',
      '1:1 INVALID',
      '2:10 INVALID',
      '4:3 REQUIRED',
      '4:16 UNKNOWN_REFERENCE',
      '4:19 CYCLE',
      '4:23 INVALID',
      '5:20 INVALID',
    ])
  })

  it('has the first hundred reported and the others counted', () => {
    const source = `name: x\ntasks:\n${Array.from({ length: 250 }, (_, n) => `  t${n}: { noop: 1 }\n`).join('')}`
    const problems = problemsOf(source)
    expect(problems).toHaveLength(101)
    expect(problems.at(-1)).toBe('103:17 INVALID The file has 150 more problems from here on')
  })
})
