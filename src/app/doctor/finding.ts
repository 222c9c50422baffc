import { isLoopbackHost } from '../../platform/kernel/host-port.ts';
import type { Settings } from '../config.ts';
import type { Target } from '../parts.ts';

/** `fail`: do not run like this. `warn`: know that it is so. */
export type Verdict = 'ok' | 'warn' | 'fail';

export interface Finding {
  readonly verdict: Verdict;
  /** What is so, and unless it is ok what to do. */
  readonly text: string;
}

export const ok = (text: string): Finding => ({ verdict: 'ok', text });
export const warn = (text: string): Finding => ({ verdict: 'warn', text });
export const fail = (text: string): Finding => ({ verdict: 'fail', text });

/** What is examined: the configuration of one process. */
export interface Subject {
  readonly settings: Settings;
  readonly target: Target;
  /** How many processes there will be on the database, if that is more than run now. */
  readonly processes: number;
}

/** One thing that may be wrong. It returns no finding where it does not apply. What it throws is a failure of the check. */
export interface Check {
  readonly name: string;
  /** The check whose failure says why this one could not be carried out either. It stands before this one. */
  readonly needs?: string;
  run(subject: Subject): readonly Finding[] | Promise<readonly Finding[]>;
}

/** Is the system meant for others than the person who tries it out? What is a warning on a laptop is a failure there. */
export const isExposed = ({ production, publicUrl, host }: Settings): boolean =>
  production || !isLoopbackHost(host) || (publicUrl !== undefined && !isLoopbackHost(new URL(publicUrl).hostname));

/** A failure where the system is exposed, else a warning. */
export const failIfExposed = (settings: Settings, text: string): Finding =>
  isExposed(settings) ? fail(text) : warn(text);
