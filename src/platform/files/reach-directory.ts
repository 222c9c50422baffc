import { Unavailable } from '../kernel/refusal.ts';

/** A full disk or a directory that cannot be written is a failure of the machine, not of the program: rejects with Unavailable. */
export async function reachDirectory<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new Unavailable('DEPENDENCY_UNAVAILABLE', 'the directory of files is not available', 5, { cause: error });
  }
}
