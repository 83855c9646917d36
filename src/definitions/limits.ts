/**
 * What a DAG file may cost. Measured on two shared cores: a valid file of 8 MB with 10,000 tasks and 100,000 needs takes
 * 1.5 s and 300 MB, as indented JSON of 9 MB 2.5 s and 520 MB; the worst of 60 hostile files of up to 10 MB 4 s (10,000
 * wrong tasks with unknown needs). Before the bounds on lexemes, depth and errors several took the process.
 */

/** UTF-8 bytes of a file: 10 MB. */
export const MAX_SOURCE_BYTES = 10_000_000
export const MAX_TASKS = 10_000
/** Entries of all `needs` lists together. */
export const MAX_NEEDS = 100_000
/** Mappings and lists inside each other, aliases followed. */
export const MAX_DEPTH = 64
/** Pieces that the YAML lexer makes of a file: about 7 for a line `key: value`. */
export const MAX_LEXEMES = 2_000_000
export const MAX_LINES = 1_000_000
/** Values of the file after every alias was replaced by what it stands for. */
export const MAX_VALUES = 1_000_000
/** Characters of all text values after every alias was replaced. */
export const MAX_TEXT = 20_000_000
/** Problems in a report; a file with more is told how many. */
export const MAX_PROBLEMS = 100
/** Bytes of one argument or environment variable: Linux allows 131,072 with its name and the final NUL. */
export const MAX_ARGUMENT_BYTES = 128_000
/** Ten years: what is longer is a mistake, and must not overflow the timers and columns behind it. */
export const MAX_DURATION_MS = 3_650 * 86_400_000
