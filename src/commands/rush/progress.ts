import { SingleBar } from 'cli-progress';
import type { Outcome } from './history.ts';
import { isSoldOut } from './history.ts';
import type { RushProgress } from './send-all.ts';

const BAR_EVERY_MS = 100;
const LINE_EVERY_MS = 1_000;

export interface ShownProgress extends RushProgress {
  /** Says what is prepared before anybody asks. */
  step(what: string): void;
  stop(): void;
}

export const silentProgress: ShownProgress = { step() {}, started() {}, settled() {}, stop() {} };

/** A bar on a terminal, a line a second elsewhere. Counts are drawn by a timer: 30,000 answers a second are not drawn one by one. */
export function showProgress(total: number, out: NodeJS.WriteStream): ShownProgress {
  let answers = 0;
  let issued = 0;
  let soldOut = 0;
  let timer: NodeJS.Timeout | undefined;
  const bar = new SingleBar({
    stream: out,
    format: '  {bar} {percentage}%  {value} answers · {issued} issued · {soldOut} sold out',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    formatValue: (value, _options, type) => (type === 'value' ? value.toLocaleString('en') : String(value)),
  });
  const counts = () => ({ issued: issued.toLocaleString('en'), soldOut: soldOut.toLocaleString('en') });
  const draw = (): void => {
    if (out.isTTY) bar.update(answers, counts());
    else out.write(`  ${answers} answers, ${issued} issued, ${soldOut} sold out\n`);
  };
  return {
    step: (what) => void out.write(`${what}\n`),
    started() {
      if (out.isTTY) bar.start(total, 0, counts());
      timer = setInterval(draw, out.isTTY ? BAR_EVERY_MS : LINE_EVERY_MS);
    },
    settled(outcome: Outcome) {
      answers += 1;
      if (outcome.status === 201) issued += 1;
      else if (isSoldOut(outcome)) soldOut += 1;
    },
    stop() {
      clearInterval(timer);
      draw();
      if (out.isTTY) bar.stop();
    },
  };
}
