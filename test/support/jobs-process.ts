/**
 * A node that does nothing but run jobs, as a process of its own, so that a test can freeze or kill it. Argument: the URL.
 * Its only job writes that it began and never comes to its end.
 */
import { once } from 'node:events';
import pg from 'pg';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createScheduler } from '../../src/platform/scheduling/scheduler.ts';

const url = process.argv[2] ?? '';
const pool = new pg.Pool({ connectionString: url });
createScheduler({
  url,
  jobs: [
    {
      name: 'test.endless',
      everyMinutes: 1_440,
      async run(signal) {
        await pool.query("insert into runs (node, what) values ('other', 'began')");
        await once(signal, 'abort');
        await pool.query("insert into runs (node, what) values ('other', 'aborted')");
        return 0;
      },
    },
  ],
  clock: Date.now,
  metrics: new Registry(),
  log: pino({ level: 'silent' }),
  tickMs: 200,
}).start();
