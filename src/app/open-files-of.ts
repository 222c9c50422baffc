import type pg from 'pg';
import type { ScheduledTask } from '../platform/context.ts';
import { type FilePlace, filePlace } from '../platform/files/file-place.ts';
import type { FileStore, NamedFiles } from '../platform/files/file-store.ts';
import { type FilesDeps, openFiles } from '../platform/files/open-files.ts';
import { sweepFiles } from '../platform/files/sweep-files.ts';
import type { Clock } from '../platform/kernel/clock.ts';
import type { Bound } from './bind.ts';
import type { Config } from './config.ts';
import type { Target } from './parts.ts';
import type { OtherProcess } from './process-service.ts';
import { keepsFiles } from './targets.ts';

/** The files of a process, and what makes images of them. */
interface OwnFiles extends ReturnType<typeof openFiles> {
  /** Undefined: it keeps none. */
  readonly place: FilePlace | undefined;
}

interface FilesParts extends Omit<FilesDeps, 'assertShared'> {
  readonly pool: pg.Pool;
  /** Of the lease of the node number. */
  readonly holder: string;
}

export async function openFilesOf(
  config: Config,
  target: Target,
  { pool, holder, ...deps }: FilesParts,
): Promise<OwnFiles> {
  if (!keepsFiles(target)) return { ...openFiles(config.files, deps), place: undefined };
  const place = filePlace(config.files, pool, holder);
  await place.assertShared().catch((error) => deps.log.error({ err: error }, 'uploads of images are refused'));
  return { ...openFiles(config.files, { ...deps, assertShared: place.assertShared }), place };
}

/** Removes files that no context names, here or in another process: only when every one of them has responded. */
export function sweepUnnamedFiles(
  files: FileStore,
  hosted: Bound['hosted'],
  processes: readonly OtherProcess[],
  clock: Clock,
): ScheduledTask {
  const own = hosted.flatMap(({ namedFiles }) => namedFiles ?? []);
  const others = processes.map(
    ({ context, process }): NamedFiles =>
      async (names) =>
        (await process.findNamedFiles({ context, names })).names,
  );
  return sweepFiles(files, [...own, ...others], clock);
}

/** Rejects while another node of this database, or a process that this gateway calls, keeps files elsewhere. */
export async function assertSamePlace(own: FilePlace, processes: readonly OtherProcess[]): Promise<void> {
  await own.assertShared();
  for (const { context, process } of processes) {
    const { place } = await process.findNamedFiles({ context, names: [] });
    // Of a process without files, or of an earlier version.
    if (place !== '') await own.assertSame(place);
  }
}
