import { StartError } from '../../platform/kernel/start-error.ts';
import { withLetters } from './letter-boxes.ts';
import { letterPage } from './letter-text.ts';

/** `stampede dlq show`: one event, with the reason of every consumer that gave it up. */
export function run({ id }: { readonly id: string }): Promise<number> {
  return withLetters({ id }, async (found) => {
    const letters = found.flatMap((each) => each.letters);
    if (letters.length === 0) throw new StartError(`There is no dead letter ${id}. See: stampede dlq list`);
    process.stdout.write(letters.map(letterPage).join('\n'));
    return 0;
  });
}
