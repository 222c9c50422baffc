import { createHash } from 'node:crypto';

/** A Lua script. Its keys have one hash tag, so that they are on one server of a cluster. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

export const scriptOf = (text: string): Script => ({ text, sha: createHash('sha1').update(text).digest('hex') });
