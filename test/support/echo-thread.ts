import { getPriority } from 'node:os';
import { serveTasks } from '../../src/platform/threads/background.ts';

/** What a background thread does in tests. */
export type EchoTask = 'priority' | 'throw' | 'exit' | number;

serveTasks<EchoTask, number>((task) => {
  if (task === 'priority') return getPriority();
  if (task === 'throw') throw new Error('as asked');
  if (task === 'exit') process.exit(3);
  return task;
});
