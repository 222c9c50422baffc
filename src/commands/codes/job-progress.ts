import { SingleBar } from 'cli-progress';
import type { WatchedJob } from './watch-job.ts';

const LINE_EVERY_MS = 1_000;

export interface JobProgress {
  show(job: WatchedJob): void;
  stop(): void;
}

/** A bar on a terminal, a line a second elsewhere, with the time that is left as the server estimates it. */
export function showJob(total: number, out: NodeJS.WriteStream): JobProgress {
  return out.isTTY ? bar(total, out) : lines(out);
}

function bar(total: number, stream: NodeJS.WriteStream): JobProgress {
  const drawn = new SingleBar({
    stream,
    format: '  {bar} {percentage}%  {value} of {total} · {left}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    formatValue: (value, _options, type) =>
      type === 'value' || type === 'total' ? value.toLocaleString('en') : String(value),
  });
  drawn.start(total, 0, { left: 'waiting' });
  return { show: (job) => drawn.update(job.done, { left: left(job) }), stop: () => drawn.stop() };
}

function lines(out: NodeJS.WriteStream): JobProgress {
  let shownAt = 0;
  return {
    show(job) {
      if (performance.now() - shownAt < LINE_EVERY_MS && job.status !== 'DONE') return;
      shownAt = performance.now();
      out.write(`  ${job.done} of ${job.total}, ${left(job)}\n`);
    },
    stop() {},
  };
}

function left({ status, estimatedFinishAt }: WatchedJob): string {
  if (status === 'QUEUED') return 'waiting';
  if (estimatedFinishAt === null) return status === 'RUNNING' ? 'just begun' : 'done';
  return `${Math.max(0, Math.ceil((Date.parse(estimatedFinishAt) - Date.now()) / 1000))} s left`;
}
