import type { DeadLetter, Replayed } from '../../platform/events/dead-letter-store.ts';
import { commandLine } from '../../platform/kernel/command-line.ts';
import { StartError, UsageError } from '../../platform/kernel/start-error.ts';
import { withDeadLetters } from './dead-letter-stores.ts';
import { replayedText } from './dead-letter-text.ts';

export interface ReplayOptions {
  readonly ids: readonly string[];
  readonly all: boolean;
  readonly topic?: string;
  readonly group?: string;
}

/** `stampede dlq replay`: 1 when one of them failed again. */
export function run({ ids, all, topic, group }: ReplayOptions): Promise<number> {
  if (all === ids.length > 0) {
    throw new UsageError(`Name the event ids to replay, or all of them with --all. See: ${commandLine('dlq list')}`);
  }
  return withDeadLetters({ topic, group }, async (found) => {
    const isWanted = ({ id }: DeadLetter): boolean => all || ids.includes(id);
    const known = new Set(found.flatMap(({ deadLetters }) => deadLetters.map(({ id }) => id)));
    const unknown = ids.filter((id) => !known.has(id));
    if (unknown.length > 0)
      throw new StartError(`There is no dead letter ${unknown.join(', ')}. See: ${commandLine('dlq list')}`);
    const outcomes: Replayed[] = [];
    for (const { store, deadLetters } of found) outcomes.push(...(await store.replay(deadLetters.filter(isWanted))));
    process.stdout.write(replayedText(outcomes));
    return outcomes.some(({ kind }) => kind === 'failed again') ? 1 : 0;
  });
}
