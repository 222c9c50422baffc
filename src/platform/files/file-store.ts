/**
 * Files by name, for example the images of stores. A file is written once and never changed; its name is unique for good.
 * Every method takes names of `newFileName` only and throws for any other.
 */
export interface FileStore {
  /** Stores a file. Resolves when it survives a crash. Rejects with Unavailable when the store is not available. */
  put(name: string, content: Uint8Array): Promise<void>;
  /** Returns the content; undefined when there is no such file. Rejects as `put`. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** Removes a file, and what an interrupted `put` of it left. Without the file it does nothing. Rejects as `put`. */
  remove(name: string): Promise<void>;
  /** The names of all files and of those that an interrupted `put` left, in pages. Other files in the same place are left out. */
  list(): AsyncIterable<readonly string[]>;
}

/** Returns every one of these files that rows of a context name, and maybe others that its rows name. */
export type NamedFiles = (names: readonly string[]) => Promise<readonly string[]>;
