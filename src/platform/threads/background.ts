import { getPriority, platform, setPriority } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';
import { Unavailable } from '../kernel/refusal.ts';

/** The nice value of a background thread: it gets a tenth of a core that requests keep busy, and all of one that is idle. */
export const BACKGROUND_NICE = 10;

/** A thread of its own for work that takes a core for milliseconds, so that the event loop goes before it. */
export interface BackgroundThread<Task, Result> {
  /** One task at a time, in the order of the calls. Rejects with the error of the task, and with Unavailable when the thread ends before it. */
  run(task: Task): Promise<Result>;
}

interface Outcome<Result> {
  readonly result?: Result;
  readonly error?: unknown;
}

/**
 * Starts the thread with the first task, and another one after a thread that ended. It ends with the process, and does not keep it alive without a task.
 *
 * @param module calls `serveTasks`
 */
export function openBackgroundThread<Task, Result>(module: URL): BackgroundThread<Task, Result> {
  let worker: Worker | undefined;
  const pending: PromiseWithResolvers<Result>[] = [];

  function start(): Worker {
    const started = new Worker(module, { execArgv: [] });
    started.unref();
    started.on('message', ({ result, error }: Outcome<Result>) => {
      const task = pending.shift();
      if (pending.length === 0) started.unref();
      if (error === undefined) task?.resolve(result as Result);
      else task?.reject(error);
    });
    let cause: unknown;
    started.on('error', (error) => {
      cause = error;
    });
    started.on('exit', (code) => {
      worker = undefined;
      const ended = new Unavailable('DEPENDENCY_UNAVAILABLE', `a thread ended with ${code}`, 1, { cause });
      for (const task of pending.splice(0)) task.reject(ended);
    });
    return started;
  }

  return {
    run(task) {
      worker ??= start();
      const settled = Promise.withResolvers<Result>();
      pending.push(settled);
      worker.ref();
      worker.postMessage(task);
      return settled.promise;
    },
  };
}

/** In a background thread: executes each task. Does not return before the thread ends. */
export function serveTasks<Task, Result>(execute: (task: Task) => Result): void {
  // Linux has a nice value for each thread. Elsewhere this would be that of the whole process.
  if (platform() === 'linux') setPriority(Math.max(getPriority(), BACKGROUND_NICE));
  const port = parentPort;
  if (port === null) throw new Error('not in a thread');
  port.on('message', (task: Task) => port.postMessage(outcomeOf(() => execute(task)) satisfies Outcome<Result>));
}

function outcomeOf<Result>(execute: () => Result): Outcome<Result> {
  try {
    return { result: execute() };
  } catch (error) {
    return { error };
  }
}
