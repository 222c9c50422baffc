import { SingleBar } from 'cli-progress';
import type { Rush } from './rush.ts';
import type { RushProgress } from './send-all.ts';

const BAR_EVERY_MS = 100;
const LINE_EVERY_MS = 1_000;

export interface ProgressView<Data> extends RushProgress<Data> {
  stop(): void;
}

/** A bar on a terminal, a line a second elsewhere. Counts are drawn by a timer: 30,000 responses a second are not drawn one by one. */
export function showProgress<Data>(
  { responsesExpected, responses }: Pick<Rush<Data>, 'responsesExpected' | 'responses'>,
  out: NodeJS.WriteStream,
): ProgressView<Data> {
  const counts = responses.map(() => 0);
  let total = 0;
  let timer: NodeJS.Timeout | undefined;
  const bar = new SingleBar({
    stream: out,
    format: '  {bar} {percentage}%  {value} answers · {counts}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    formatValue: (value, _options, type) => (type === 'value' ? value.toLocaleString('en') : String(value)),
  });
  const shown = (): string => {
    const seen = responses.map(({ name }, at) => `${(counts[at] ?? 0).toLocaleString('en')} ${name}`);
    return seen.filter((text) => !text.startsWith('0 ')).join(' · ');
  };
  const draw = (): void => {
    if (out.isTTY) bar.update(total, { counts: shown() });
    else out.write(`  ${total.toLocaleString('en')} answers: ${shown()}\n`);
  };
  return {
    started() {
      if (out.isTTY) bar.start(responsesExpected, 0, { counts: '' });
      timer = setInterval(draw, out.isTTY ? BAR_EVERY_MS : LINE_EVERY_MS);
    },
    settled(outcome) {
      total += 1;
      const at = responses.findIndex(({ includes }) => includes(outcome));
      if (at >= 0) counts[at] = (counts[at] ?? 0) + 1;
    },
    stop() {
      clearInterval(timer);
      draw();
      if (out.isTTY) bar.stop();
    },
  };
}
