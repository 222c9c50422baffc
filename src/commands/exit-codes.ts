/** The exit codes of every command. docs/cli.md describes them. */
export const EXIT = {
  /** Everything was done, and what was checked is in order. */
  DONE: 0,
  /** It could not be done, a part of it failed, or what was checked is not in order. */
  FAILED: 1,
  /** The command line makes no sense: an unknown command or option, or a value that it cannot have. Nothing was done. */
  USAGE: 2,
} as const;
