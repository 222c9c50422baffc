import { cpuOf, cpuOfChildren } from './cpu.ts';
import { postmasterOf } from './postgres.ts';

/** Microseconds of CPU for each operation: on a shared machine they are more comparable than the rate. Empty without /proc. */
export interface CpuUs {
  readonly server?: number;
  /** Of all its processes. */
  readonly postgres?: number;
  readonly [part: string]: number | undefined;
}

/** Runs `work`; `cpuUs` is the CPU time of each operation. `pids`: of the server, or of each of its processes by their names. */
export async function withCpu<Result>(
  pids: number | Readonly<Record<string, number>>,
  databaseUrl: string,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly cpuUs: (things: number) => CpuUs }> {
  const postmaster = await postmasterOf(databaseUrl);
  const parts = Object.entries(typeof pids === 'number' ? { server: pids } : pids);
  const now = (): Seconds => ({
    ...Object.fromEntries(parts.map(([name, pid]) => [name, cpuOf(pid)])),
    postgres: cpuOfChildren(postmaster),
  });
  const before = now();
  const result = await work();
  const after = now();
  return { result, cpuUs: (things) => per(things, before, after) };
}

type Seconds = Readonly<Record<string, number | undefined>>;

const per = (things: number, before: Seconds, after: Seconds): CpuUs =>
  Object.fromEntries(
    Object.entries(after).flatMap(([name, end]) => {
      const start = before[name];
      return start === undefined || end === undefined ? [] : [[name, Math.round(((end - start) * 1e6) / things)]];
    }),
  );
