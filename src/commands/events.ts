import type { Command } from 'commander';
import { defineTail } from './events/tail.ts';

export function defineEvents(program: Command): void {
  const events = program.command('events').description('what happens in the running system');
  defineTail(events);
}
