import { totalmem } from 'node:os';
import { connectionsOf } from '../connections.ts';

const MIB = 1024 * 1024;

/** For a second terminal and tests. */
const OTHER_CONNECTIONS = 65;

export interface Listening {
  /** Directory of the Unix socket. */
  readonly socketDir: string;
  /** On 127.0.0.1; the socket's name carries it too. */
  readonly port: number;
}

/**
 * What differs from PostgreSQL's defaults, and why. Given on the command line, so that a new version of the program
 * brings its own settings to a cluster that exists. fsync, synchronous_commit and full_page_writes stay on: what was
 * acknowledged is there.
 */
export function postgresSettings(
  listening: Listening,
  clusterName: string,
  processes = 1,
): Readonly<Record<string, string>> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(listening.port),
    unix_socket_directories: listening.socketDir,
    // Part of the process titles, which identifies orphans of this cluster among other PostgreSQL processes.
    cluster_name: clusterName,
    // No more than are used: each connection costs memory and snapshot time.
    max_connections: String(connectionsOf(processes) + OTHER_CONNECTIONS),
    // A quarter of the memory is the usual advice; a promotion's hot set fits in 1 GB.
    shared_buffers: `${Math.floor(Math.min(totalmem() / 4, 1024 * MIB) / MIB)}MB`,
    // A checkpoint during an opening doubles the WAL (full pages) and steals the disk: make them rare. The price is a
    // longer recovery; at a rush's write rate it stays within seconds.
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    // Full-page images stay uncompressed: these binaries have neither lz4 nor zstd, and pglz costs more than it saves.
    wal_compression: 'off',
    // After a crash every file of the cluster goes to the disk before the recovery. One call for the file system instead of one for each of thousands of files
    // took 560 to 1,710 ms from the kill to the first connection with ten databases, and 760 to 3,740 ms otherwise. Linux alone has it.
    ...(process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {}),
    // Short statements only: compiling them would cost more than running them.
    jit: 'off',
    // Slow, rare statements shall be seen; the others cost log writes.
    log_min_duration_statement: '1s',
    log_checkpoints: 'off',
    // Times are instants; calendar days come from a policy's own time zone.
    timezone: 'UTC',
    log_timezone: 'UTC',
    // An insert-mostly table of millions: vacuum after 5 % of inserts instead of 20 %, so that visibility maps stay fresh.
    autovacuum_vacuum_insert_scale_factor: '0.05',
    autovacuum_naptime: '15s',
  };
}

/** The same as arguments of `postgres`. */
export const asArguments = (settings: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
