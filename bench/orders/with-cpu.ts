import { cpuOf, cpuOfSiblings } from '../support/cpu.ts';
import { asAdmin } from '../support/postgres.ts';

/** Microseconds of CPU for each operation: on a shared machine they are more comparable than the rate. Empty without /proc. */
export interface CpuUs {
  readonly server?: number;
  /** Of all its processes. */
  readonly postgres?: number;
}

/** Runs `work`; `cpuUs` is the CPU time of each operation. */
export const withCpu = <Result>(
  serverPid: number,
  databaseUrl: string,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly cpuUs: (things: number) => CpuUs }> =>
  asAdmin(databaseUrl, async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const backendPid = rows[0]?.pid ?? 0;
    const now = () => ({ server: cpuOf(serverPid), postgres: cpuOfSiblings(backendPid) });
    const before = now();
    const result = await work();
    const after = now();
    return { result, cpuUs: (things) => per(things, before, after) };
  });

type Seconds = Readonly<Record<'server' | 'postgres', number | undefined>>;

function per(things: number, before: Seconds, after: Seconds): CpuUs {
  const of = (name: keyof Seconds): CpuUs => {
    const [start, end] = [before[name], after[name]];
    return start === undefined || end === undefined ? {} : { [name]: Math.round(((end - start) * 1e6) / things) };
  };
  return { ...of('server'), ...of('postgres') };
}
