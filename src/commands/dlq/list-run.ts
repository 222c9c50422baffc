import { withLetters } from './letter-boxes.ts';
import { letterLine, oneLine } from './letter-text.ts';

export interface ListOptions {
  readonly topic?: string;
  readonly group?: string;
  readonly limit: number;
  readonly json: boolean;
}

/** `stampede dlq list`. */
export function run({ topic, group, limit, json }: ListOptions): Promise<number> {
  return withLetters({ topic, group }, async (found) => {
    const letters = found.flatMap((each) => each.letters).sort((a, b) => a.failedAt.getTime() - b.failedAt.getTime());
    for (const letter of letters.slice(0, limit)) {
      process.stdout.write(json ? oneLine(letter) : letterLine(letter));
    }
    const more = letters.length - limit;
    if (!json && letters.length === 0) process.stdout.write('Nothing: every event was handled.\n');
    if (!json && more > 0) process.stdout.write(`… and ${more} more: --limit ${letters.length} shows all.\n`);
    return 0;
  });
}
