import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { describeMachine } from '../support/machine.ts';
import { fill, generate, openPolicy } from './codes.ts';
import { openFixture } from './fixture.ts';
import { compareLookups } from './lookups.ts';
import { refuseTypos } from './typos.ts';

const { values } = parseArgs({
  options: {
    codes: { type: 'string', default: '10000000' },
    generate: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '15' },
    out: { type: 'string', default: 'docs/bench' },
  },
});
const [manyCodes, generated, rounds] = [values.codes, values.generate, values.rounds].map(Number) as [
  number,
  number,
  number,
];
const FEW_CODES = 10_000;
const TYPOS = 200_000;
/** Look-ups a turn; short turns, so that what slows one side slows the other. */
const TURNS = [
  { atOnce: 1, each: 500 },
  { atOnce: 64, each: 4_000 },
];

const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);
/** The load average before the start: above 0.5 for each core the figures do not describe this program. */
const [loadBefore = 0] = loadavg();
const fixture = await openFixture();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => void fixture.abort().finally(() => process.exit(130)));
}
try {
  const few = await fixture.system('few');
  const many = await fixture.system('many');
  const policies = { few: await openPolicy(few), many: await openPolicy(many) };

  say(`generating ${generated} codes into an empty table`);
  const empty = await fixture.system('fresh');
  const emptySeconds = await generate(empty, await openPolicy(empty), generated);
  say(`${emptySeconds.toFixed(1)} s; refusing ${TYPOS} typos`);
  const typos = await refuseTypos(empty, TYPOS);

  say(`${typos.perSecond} a second, ${typos.statements} statements; filling a table with ${manyCodes} codes`);
  await fill(few, policies.few, FEW_CODES);
  await fill(many, policies.many, manyCodes);
  const lookups = [];
  for (const { atOnce, each } of TURNS) {
    say(`looking codes up, ${atOnce} at once`);
    const tables = [
      { system: few, codes: FEW_CODES },
      { system: many, codes: manyCodes },
    ] as const;
    lookups.push(await compareLookups(...tables, atOnce, rounds, each));
  }
  say(`generating ${generated} codes among ${manyCodes}`);
  const filledSeconds = await generate(many, policies.many, generated);

  const results = {
    at: new Date().toISOString(),
    loadBefore,
    machine: await describeMachine(fixture.url, 'none', undefined),
    generation: [
      { codesBefore: 0, codes: generated, seconds: emptySeconds, perSecond: Math.round(generated / emptySeconds) },
      {
        codesBefore: manyCodes,
        codes: generated,
        seconds: filledSeconds,
        perSecond: Math.round(generated / filledSeconds),
      },
    ],
    lookups: { fewCodes: FEW_CODES, manyCodes, figures: lookups },
    typos,
  };
  await mkdir(values.out, { recursive: true });
  await writeFile(`${values.out}/codes.json`, `${JSON.stringify(results, undefined, 2)}\n`);
  console.log(JSON.stringify({ generation: results.generation, lookups, typos }, undefined, 2));
  console.log(`\nWritten: ${values.out}/codes.json`);
} finally {
  await fixture.close();
}
