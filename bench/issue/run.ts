import { closeOnSignal } from '../support/child.ts';
import { describeMachine } from '../support/machine.ts';
import { prepareFixture } from './fixture.ts';
import { runMain } from './main-section.ts';
import { readOptions } from './options.ts';
import { runPolicies } from './policies-section.ts';
import { redisVersion } from './redis.ts';
import { mergeResults, writeResults } from './results.ts';
import { runRows } from './rows-section.ts';
import { runSoak } from './soak-section.ts';
import { renderResults } from './table.ts';
import { faultsOf } from './targets.ts';

const options = readOptions(process.argv.slice(2));
const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);

say('signing tokens, starting PostgreSQL');
const longest = Math.max(options.seconds, 10);
const fixture = await prepareFixture(
  longest * options.tokensPerSecond,
  options.warmSeconds * options.tokensPerSecond,
  options.against,
);
closeOnSignal(() => fixture.close());
try {
  const database = await fixture.createDatabase('about');
  const machine = await describeMachine(database, fixture.load.name, redisVersion());
  const { policies, rows, soak } = options;
  const now = {
    machine,
    ...(options.main ? { main: await runMain(fixture, options, say) } : {}),
    ...(policies === undefined ? {} : { policies: await runPolicies(fixture, options, policies, say) }),
    ...(rows === undefined ? {} : { rows: await runRows(fixture, options, rows, say) }),
    ...(soak === undefined ? {} : { soak: await runSoak(fixture, options, soak, say) }),
  };
  const results = await mergeResults(options.out, now);
  await writeResults(options.out, results);
  console.log(renderResults(results));
  console.log(`\nWritten: ${options.out}/issue.json${results.main ? ` and ${options.out}/issue.svg` : ''}`);
  if (faultsOf(results).length > 0) process.exitCode = 1;
} finally {
  await fixture.close();
}
