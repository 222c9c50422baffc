import { hashSync, type Options, verifySync } from '@node-rs/argon2';
import { serveTasks } from '../../../../platform/threads/background.ts';

/** Hashes the password, or compares it with a hash. */
export interface HashTask {
  readonly password: string;
  readonly options: Options;
  readonly stored?: string;
}

serveTasks<HashTask, string | boolean>(({ password, options, stored }) =>
  stored === undefined ? hashSync(password, options) : verifySync(stored, password),
);
