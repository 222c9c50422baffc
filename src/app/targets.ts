import { nearest } from '../platform/kernel/nearest.ts';
import { UsageError } from '../platform/kernel/start-error.ts';
import type { Settings } from './config.ts';
import { CONTEXTS, runs } from './contexts.ts';
import { ALL, CONTEXT_NAMES, type ContextName, PARTS, type Part, type Target } from './parts.ts';
import { calledBy } from './service-calls.ts';

/** Reads `--target`: all, or parts separated by commas. @throws UsageError */
export function readTarget(text: string): Target {
  if (text === 'all') return ALL;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !PARTS.some((part) => part === name));
  if (unknown !== undefined) {
    const list = ['all', ...PARTS].join(', ');
    throw new UsageError(
      `--target ${unknown} is no part of the program: ${list}. The nearest is ${nearest(unknown, ['all', ...PARTS])}.`,
    );
  }
  const parts = new Set(names as Part[]);
  return { parts, isComplete: PARTS.every((part) => parts.has(part)) };
}

/** Do parts of this process store or serve files? */
export const keepsFiles = ({ parts }: Target): boolean =>
  parts.has('gateway') || CONTEXTS.filter(runs).some((context) => 'keepsFiles' in context && parts.has(context.name));

/** Returns the contexts that a part calls. The gateway calls all. */
export const callsOf = (part: Part): readonly ContextName[] => (part === 'gateway' ? CONTEXT_NAMES : calledBy(part));

/**
 * The contexts that the parts of this process call in other processes. The sandbox of payments runs with order, and takes the payments of
 * charges of points.
 */
export function remotesOf(
  { parts }: Target,
  { paymentProvider }: Pick<Settings, 'paymentProvider'>,
): readonly ContextName[] {
  const pays = (part: Part, name: ContextName) => part === 'point' && name === 'order' && paymentProvider === 'sandbox';
  return CONTEXT_NAMES.filter(
    (name) => !parts.has(name) && [...parts].some((part) => callsOf(part).includes(name) || pays(part, name)),
  );
}
