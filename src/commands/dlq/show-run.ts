import { commandLine } from '../../platform/kernel/command-line.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { withDeadLetters } from './dead-letter-stores.ts';
import { deadLetterPage } from './dead-letter-text.ts';

/** `stampede dlq show`: one event, with the reason of every consumer that gave it up. */
export function run({ id }: { readonly id: string }): Promise<number> {
  return withDeadLetters({ id }, async (found) => {
    const deadLetters = found.flatMap((each) => each.deadLetters);
    if (deadLetters.length === 0)
      throw new StartError(`There is no dead letter ${id}. See: ${commandLine('dlq list')}`);
    process.stdout.write(deadLetters.map(deadLetterPage).join('\n'));
    return 0;
  });
}
