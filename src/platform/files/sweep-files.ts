import type { ScheduledTask } from '../context.ts';
import type { Clock } from '../kernel/clock.ts';
import { DAY_MS } from '../kernel/durations.ts';
import { fileMadeAt, fullNameOf } from './file-name.ts';
import type { FileStore, NamedFiles } from './file-store.ts';

/**
 * Removes files that no row names: those of requests that were cut off between file and commit, and those that could not be removed at
 * once. A younger one than a day may belong to a change that is still under way.
 */
export const sweepFiles = (files: FileStore, namedBy: readonly NamedFiles[], clock: Clock): ScheduledTask => ({
  name: 'files.sweep',
  everyMinutes: 60,
  async run(signal) {
    let removed = 0;
    for await (const page of files.list()) {
      if (signal.aborted) break;
      const old = page.filter((name) => fileMadeAt(name) < clock() - DAY_MS);
      if (old.length === 0) continue;
      // A row names the largest size of an image.
      const asked = [...new Set(old.map(fullNameOf))];
      const named = new Set((await Promise.all(namedBy.map((ask) => ask(asked)))).flat());
      for (const name of old.filter((name) => !named.has(fullNameOf(name)))) {
        await files.remove(name);
        removed++;
      }
    }
    return removed;
  },
});
