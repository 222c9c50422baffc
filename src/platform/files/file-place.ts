import type pg from 'pg';
import { Unavailable } from '../kernel/refusal.ts';
import { directoryId } from './directory-id.ts';
import type { FileSettings } from './open-files.ts';

// Published with each check: another node that took the node number over has published its own place.
const PUBLISH_AND_CHECK = `
  with own as (
    update platform.node_leases set files_place = $2 where holder = $1 and files_place is distinct from $2)
  select exists (
    select from platform.node_leases
    where holder <> $1 and expires_at > clock_timestamp() and files_place <> $2) as "isElsewhere"`;

/** Where this process keeps files, compared with the other nodes of its database. */
export interface FilePlace {
  /** The same for all nodes that share a directory or a bucket, different for any other. Rejects with Unavailable. */
  id(): Promise<string>;
  /**
   * Publishes the place of this process. Rejects with Unavailable while another live node of the database keeps files elsewhere: of two nodes with
   * directories of their own each would return 404 for half of the images.
   */
  assertShared(): Promise<void>;
  /** Rejects with Unavailable when `other`, the place of a process on another database, is not this one. */
  assertSame(other: string): Promise<void>;
}

/** @param holder names this process in platform.node_leases */
export function filePlace(settings: FileSettings, pool: Pick<pg.Pool, 'query'>, holder: string): FilePlace {
  let known: string | undefined;
  /** Of a directory that was not available at the start it is read when it is. */
  async function id(): Promise<string> {
    known ??=
      settings.kind === 'S3' ? `${settings.endpoint} ${settings.bucket}` : await directoryId(settings.directory);
    return known;
  }
  return {
    id,
    async assertShared() {
      const { rows } = await pool.query<{ isElsewhere: boolean }>(PUBLISH_AND_CHECK, [holder, await id()]);
      if (rows[0]?.isElsewhere) throw elsewhere();
    },
    async assertSame(other) {
      if (other !== (await id())) throw elsewhere();
    },
  };
}

const elsewhere = (): Unavailable =>
  new Unavailable(
    'DEPENDENCY_UNAVAILABLE',
    'another node keeps files in another place, so uploads are refused: set FILES_DIRECTORY to one directory that all nodes share, or FILES_S3_BUCKET, on every node',
    60,
  );
