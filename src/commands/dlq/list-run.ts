import { withDeadLetters } from './dead-letter-stores.ts';
import { deadLetterLine, nothingText, oneLine } from './dead-letter-text.ts';

export interface ListOptions {
  readonly topic?: string;
  readonly group?: string;
  readonly limit: number;
  readonly json: boolean;
}

/** `stampede dlq list`. */
export function run({ topic, group, limit, json }: ListOptions): Promise<number> {
  return withDeadLetters({ topic, group }, async (found, hasKafka) => {
    const deadLetters = found
      .flatMap((each) => each.deadLetters)
      .sort((a, b) => a.failedAt.getTime() - b.failedAt.getTime());
    for (const deadLetter of deadLetters.slice(0, limit)) {
      process.stdout.write(json ? oneLine(deadLetter) : deadLetterLine(deadLetter));
    }
    const more = deadLetters.length - limit;
    if (!json && deadLetters.length === 0) process.stdout.write(nothingText(hasKafka));
    if (!json && more > 0) process.stdout.write(`… and ${more} more: --limit ${deadLetters.length} shows all.\n`);
    return 0;
  });
}
