/**
 * npm run test:faults:cluster: a real cluster (npm run cluster) under load, while one of its parts has one fault; and after each such cell the check of
 * everything that was promised.
 */
import { parseArgs } from 'node:util';
import { closeOnSignal } from '../../../bench/support/child.ts';
import { StartError } from '../../../src/platform/kernel/start-error.ts';
import { type Cell, type CellFigures, runCell } from './cell.ts';
import { CELLS, nameOf, OPEN_CELLS, QUICK } from './cells.ts';
import { CLUSTER_FAULTS } from './cluster-faults.ts';
import { CLUSTER_PARTS, LOADS } from './parts.ts';
import { describeMachine, rowOf, writeResult } from './results.ts';
import { openSession, type Session } from './session.ts';

const USAGE = `npm run test:faults:cluster -- [options]: every fault of every part of a cluster, under load

  --cell NAME    only this cell, as --list names it (may be given several times)
  --part NAME    only this part (may be given several times): ${CLUSTER_PARTS.map(({ name }) => name).join(', ')}
  --fault NAME   only this fault (may be given several times): ${CLUSTER_FAULTS.map(({ name }) => name).join(', ')}
  --load NAME    only this load: ${LOADS.join(', ')}
  --quick        only three cells, as for every change
  --list         print the cells and run none
  --shared       others use the machine meanwhile: mark the figures so
  --write        write the figures to docs/bench/cluster-faults.json and docs/reliability.md`;

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const several = { type: 'string', multiple: true } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    options: {
      cell: several,
      part: several,
      fault: several,
      load: several,
      quick: flag,
      list: flag,
      shared: flag,
      write: flag,
      help: flag,
    },
  });
  const isWanted = (names: readonly string[] | undefined, name: string) => names === undefined || names.includes(name);
  const cells = CELLS.filter(
    (cell) =>
      isWanted(values.quick ? QUICK : values.cell, nameOf(cell)) &&
      isWanted(values.part, cell.part.name) &&
      isWanted(values.fault, cell.fault.name) &&
      isWanted(values.load, cell.load),
  );
  if (values.help || cells.length === 0) {
    process.stdout.write(`${USAGE}\n`);
    return values.help ? 0 : 1;
  }
  if (values.list) {
    for (const cell of cells) process.stdout.write(`${nameOf(cell)}\n`);
    return 0;
  }
  const machine = describeMachine();
  const failed = await runAll(cells, ({ part, fault, load }, figures) => {
    const date = new Date().toISOString().slice(0, 10);
    const { shared: isShared } = values;
    const result = { part: part.name, title: part.title, fault: fault.name, load, date, machine, isShared, figures };
    say(rowOf(result));
    // After each cell: a run of all takes more than an hour.
    if (values.write) writeResult(result, OPEN_CELLS);
  });
  process.stdout.write(`\n${cells.length - failed.length} of ${cells.length} cells kept every promise\n`);
  for (const name of failed) process.stdout.write(`not: ${name}\n`);
  return failed.length === 0 ? 0 : 1;
}

function say(text: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)}  ${text}\n`);
}

/** Returns the names of the cells in which something was not kept. */
async function runAll(
  cells: readonly Cell[],
  onFigures: (cell: Cell, figures: CellFigures) => void,
): Promise<readonly string[]> {
  const failed: string[] = [];
  let session: Session | undefined;
  let kind: string | undefined;
  closeOnSignal(async () => session?.stop());
  try {
    for (const cell of cells) {
      const name = nameOf(cell);
      if (session === undefined || kind !== cell.fault.session) {
        await session?.stop();
        session = undefined;
        kind = cell.fault.session;
        session = await openSession(cell.fault.session, say);
      }
      say(name);
      try {
        onFigures(cell, await runCell(cell, session));
      } catch (error) {
        failed.push(name);
        say(`${name} FAILED: ${(error as Error).stack}\n${session.printed()}`);
        // What it left may not be whole.
        await session.stop();
        session = undefined;
      }
    }
  } finally {
    await session?.stop();
  }
  return failed;
}
