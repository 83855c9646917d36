import { SqlMigration } from '../src/platform/sql-migration.js'

const TABLES = `
CREATE TABLE stream (
  id text COLLATE "C" PRIMARY KEY,
  version integer NOT NULL CHECK (version > 0),
  head_hash bytea NOT NULL CHECK (octet_length(head_hash) = 32),
  first_position bigint NOT NULL,
  last_position bigint NOT NULL,
  snapshot_version integer,
  snapshot json,
  CHECK (first_position <= last_position)
) WITH (fillfactor = 70);

CREATE TABLE event (
  position bigint NOT NULL PRIMARY KEY,
  stream_id text COLLATE "C" NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  type text COLLATE "C" NOT NULL,
  schema_version smallint NOT NULL,
  data json NOT NULL,
  project_id text COLLATE "C",
  dag_id text COLLATE "C",
  run_id text COLLATE "C",
  instance_id text COLLATE "C",
  actor text COLLATE "C" NOT NULL,
  command_id text COLLATE "C",
  correlation_id text COLLATE "C",
  causation_id text COLLATE "C",
  recorded_at timestamptz(3) NOT NULL,
  leaf_hash bytea NOT NULL CHECK (octet_length(leaf_hash) = 32),
  prev_hash bytea CHECK (octet_length(prev_hash) = 32)
) PARTITION BY RANGE (position);
CREATE INDEX event_project ON event (project_id, position);
CREATE INDEX event_dag ON event (dag_id, position);

-- What a command answered, kept as long as a caller may repeat it: its key is the command's id, or the caller's
-- idempotency key within its scope (actor and mutation).
CREATE TABLE command_result (
  key text COLLATE "C" PRIMARY KEY,
  body_hash bytea NOT NULL,
  result json NOT NULL,
  position bigint,
  recorded_at timestamptz(3) NOT NULL
);
CREATE INDEX command_result_age ON command_result (recorded_at);
`

const REFUSE_CHANGES = `
CREATE FUNCTION refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The journal is append-only: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION refuse_event_change();
CREATE TRIGGER event_is_never_truncated BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION refuse_event_change();
`

/**
 * Partitions of 262,144 positions (4 x 256^2: whole tiles of the Merkle tree), made ahead of the journal's head. Made
 * apart and then attached: ATTACH does not queue behind readers, CREATE TABLE ... PARTITION OF does. Answers how many
 * it made. Processes that call it at once wait for one another.
 */
const MAKE_PARTITIONS = `
CREATE FUNCTION make_event_partitions(ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  size CONSTANT bigint := 262144;
  head bigint;
  number bigint;
  part text;
  made integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(7310579003);
  SELECT position INTO head FROM event ORDER BY position DESC LIMIT 1;
  FOR number IN coalesce(head, 0) / size .. coalesce(head, 0) / size + ahead - 1 LOOP
    part := 'event_' || lpad(number::text, 8, '0');
    IF to_regclass(part) IS NULL THEN
      EXECUTE format('CREATE TABLE %I (LIKE event INCLUDING ALL)', part);
      EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I UNIQUE (stream_id, version)', part, part || '_stream');
      EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I CHECK (position >= %s AND position < %s)',
        part, part || '_range', greatest(number * size, 1), (number + 1) * size);
      EXECUTE format('CREATE TRIGGER event_is_never_truncated BEFORE TRUNCATE ON %I '
        'FOR EACH STATEMENT EXECUTE FUNCTION refuse_event_change()', part);
      EXECUTE format('ALTER TABLE event ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
        part, greatest(number * size, 1), (number + 1) * size);
      EXECUTE format('GRANT SELECT ON %I TO dagbook_app', part);
      made := made + 1;
    END IF;
  END LOOP;
  RETURN made;
END $$;
`

/**
 * Locks streams in the order of their ids, the first lock of every transaction. The application may lock them but not
 * write them, and PostgreSQL has no privilege for that alone; hence functions. In PL/pgSQL, which keeps their plan: one in
 * SQL is planned at every call (0.18 ms a call instead of 0.08).
 */
const LOCK_STREAMS = `
CREATE FUNCTION lock_streams(ids text[]) RETURNS SETOF stream
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
  RETURN QUERY SELECT * FROM stream WHERE id = ANY(ids) ORDER BY id FOR UPDATE;
END $$;
CREATE FUNCTION lock_free_streams(ids text[]) RETURNS SETOF stream
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
  RETURN QUERY SELECT * FROM stream WHERE id = ANY(ids) ORDER BY id FOR UPDATE SKIP LOCKED;
END $$;
`

/**
 * The only way into the journal, and the last statement of its transaction: it holds a lock until COMMIT, so that
 * positions are dense and in commit order. The head is read in a statement of its own, after the lock: its snapshot
 * then holds every commit before. ORDER BY ... LIMIT 1 and not max(): inside a function max() keeps the sequential scan
 * that it was planned with while the table was empty (8.6 ms an append at 60,000 events). For the same reason the streams
 * are found by index, whatever a plan made for a small table prefers (7.1 ms an append at 50,000 streams, else 1.3).
 *
 * stream_*: one element per stream that grows, with the version it was decided on; a stream that stands elsewhere fails
 * the transaction. command_*: one element per command that caused events. Hashes come as 32 bytes each, one after another,
 * and `data` as one JSON array whose elements keep their text: both spare the quoting of thousands of array elements.
 * Answers the position before the first event.
 */
const APPEND = `
CREATE FUNCTION append_events(
  stream_ids text[], expected_versions integer[], next_versions integer[], head_hashes bytea,
  first_at integer[], last_at integer[], stream_project text[], stream_dag text[], stream_run text[],
  command_actor text[], command_ids text[], command_correlation text[], command_causation text[],
  command_recorded_at timestamptz[],
  event_stream integer[], event_command integer[], event_version integer[], event_type text[],
  event_schema_version smallint[], event_instance text[], event_data json, leaf_hashes bytea, prev_hashes bytea,
  result_key text[], result_body_hash bytea[], result_json json[], result_event_at integer[]
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  head bigint;
  touched integer;
  added integer;
BEGIN
  -- What a reader has seen must not be lost in a crash, or its position comes again with another event.
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'local', true);
  END IF;

  PERFORM pg_advisory_xact_lock(7310579001);
  SELECT position INTO head FROM event ORDER BY position DESC LIMIT 1;
  head := coalesce(head, 0);

  UPDATE stream s
  SET version = g.next, head_hash = substr(head_hashes, (g.n::integer - 1) * 32 + 1, 32), last_position = head + g.last
  FROM unnest(stream_ids, expected_versions, next_versions, last_at) WITH ORDINALITY AS g(id, expected, next, last, n)
  WHERE s.id = g.id AND s.version = g.expected;
  GET DIAGNOSTICS touched = ROW_COUNT;
  INSERT INTO stream (id, version, head_hash, first_position, last_position)
  SELECT g.id, g.next, substr(head_hashes, (g.n::integer - 1) * 32 + 1, 32), head + g.first, head + g.last
  FROM unnest(stream_ids, expected_versions, next_versions, first_at, last_at)
    WITH ORDINALITY AS g(id, expected, next, first, last, n)
  WHERE g.expected = 0
  ON CONFLICT (id) DO NOTHING;
  GET DIAGNOSTICS added = ROW_COUNT;
  IF touched + added <> coalesce(array_length(stream_ids, 1), 0) THEN
    RAISE EXCEPTION 'A stream has moved on since its events were decided' USING ERRCODE = 'serialization_failure';
  END IF;

  INSERT INTO event (position, stream_id, version, type, schema_version, data, project_id, dag_id, run_id, instance_id,
    actor, command_id, correlation_id, causation_id, recorded_at, leaf_hash, prev_hash)
  SELECT head + e.n, stream_ids[e.stream], e.version, e.type, e.schema_version, e.data, stream_project[e.stream],
    stream_dag[e.stream], stream_run[e.stream], e.instance, command_actor[e.command], command_ids[e.command],
    command_correlation[e.command], command_causation[e.command], command_recorded_at[e.command],
    substr(leaf_hashes, (e.n::integer - 1) * 32 + 1, 32),
    CASE WHEN e.version > 1 THEN substr(prev_hashes, (e.n::integer - 1) * 32 + 1, 32) END
  FROM ROWS FROM (
      unnest(event_stream, event_command, event_version, event_type, event_schema_version, event_instance),
      json_array_elements(event_data))
    WITH ORDINALITY AS e(stream, command, version, type, schema_version, instance, data, n);

  INSERT INTO command_result (key, body_hash, result, position, recorded_at)
  SELECT r.key, r.body_hash, r.result, head + r.event_at, now()
  FROM unnest(result_key, result_body_hash, result_json, result_event_at) AS r(key, body_hash, result, event_at);

  RETURN head;
END $$;
`

const GRANTS = `
GRANT SELECT ON stream, event, command_result TO dagbook_app;
REVOKE ALL ON FUNCTION append_events, make_event_partitions, lock_streams, lock_free_streams FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_events, make_event_partitions, lock_streams, lock_free_streams TO dagbook_app;
`

const SQL = `${TABLES}
${REFUSE_CHANGES}
${MAKE_PARTITIONS}
${LOCK_STREAMS}
${APPEND}
${GRANTS}
SELECT make_event_partitions(8);`

/**
 * The journal: streams, the partitioned table of events, the results of commands, and the three functions that are the
 * only way to write them. docs/decisions/0004-journal.md argues why nothing is skipped, repeated or reordered.
 */
export class Journal extends SqlMigration {
  override readonly scriptName = '0001-journal'
  override readonly description = 'streams, events, the results of commands, and the functions that write them'
  override readonly sql = SQL
}
