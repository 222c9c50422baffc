import { commandLine } from '../platform/kernel/command-line.ts';
import { withoutPassword } from '../platform/postgres/database-url.ts';
import type { Settings } from './config.ts';
import { adminPasswordFile } from './local/admin-password.ts';
import type { OpenPostgres } from './local/open-postgres.ts';
import { pidFileOf } from './local/pid-file.ts';
import type { Target } from './parts.ts';

export interface Started {
  readonly server: {
    readonly url: string;
    readonly metricsUrl: string;
    /** The administrator's account, found or created by this start. */
    readonly admin: { readonly email: string; readonly generatedPassword?: string } | undefined;
    /** The port on which contexts are served to other processes. */
    readonly grpcPort: number | undefined;
  };
  readonly target: Target;
  readonly settings: Settings;
  readonly postgres: Pick<OpenPostgres, 'publicUrl' | 'migrations'>;
  readonly tookMs: number;
  /** Standard output is a terminal that only the person who started the server sees, and not a log. */
  readonly mayShowSecrets: boolean;
}

const OWNS_LEDGER =
  'DATABASE_URL owns the tables, so that only triggers keep the ledger from change; see MIGRATION_DATABASE_URL.';

/** The text that is shown when the server runs. */
export function banner({ server, target, settings, postgres, tookMs, mayShowSecrets }: Started): string {
  const { url } = server;
  const rows = [
    ...(target.isComplete ? [] : [['Parts', [...target.parts].join(', ')]]),
    ...(target.parts.has('gateway')
      ? [
          ['API', `${url}/api/v1`],
          ['Docs', `${url}/api/docs`],
        ]
      : []),
    ...(server.grpcPort === undefined ? [] : [['gRPC', `${settings.services.grpcHost}:${server.grpcPort}`]]),
    ['Metrics', server.metricsUrl],
    ...(settings.kafka === undefined ? [] : [['Kafka', settings.kafka.brokers.join(', ')]]),
    ...(settings.mail === undefined ? [] : [['Mail', `${settings.mail.smtp.host}:${settings.mail.smtp.port}`]]),
    ...(server.admin ? [['Admin', adminOf(server.admin, settings, mayShowSecrets)]] : []),
    ['PostgreSQL', databaseOf(postgres.publicUrl, settings, mayShowSecrets)],
    ...(postgres.migrations && postgres.migrations.login === undefined ? [['Note', OWNS_LEDGER]] : []),
  ];
  const lines = rows.map(([name, value]) => `  ${name?.padEnd(11)} ${value}`);
  const next = target.isComplete
    ? `  Next: ${commandLine('rush')}, in a second terminal. Ctrl-C stops.`
    : '  Ctrl-C stops.';
  return `\nStampede is ready, after ${(tookMs / 1000).toFixed(1)} s.\n\n${lines.join('\n')}\n\n${next}\n\n`;
}

function adminOf(
  { email, generatedPassword }: NonNullable<Started['server']['admin']>,
  { dataDir }: Settings,
  mayShowSecrets: boolean,
): string {
  if (generatedPassword === undefined) return email;
  return mayShowSecrets
    ? `${email}  password ${generatedPassword}  (shown only this once)`
    : `${email}  password in ${adminPasswordFile(dataDir)}  (delete the file when you have it)`;
}

/** DATABASE_URL is the operator's secret, and never shown; the embedded database's is this machine's own. */
function databaseOf(publicUrl: string, { databaseUrl, dataDir }: Settings, mayShowSecrets: boolean): string {
  if (databaseUrl !== undefined) return withoutPassword(publicUrl);
  return mayShowSecrets ? publicUrl : `${withoutPassword(publicUrl)}  (with its password in ${pidFileOf(dataDir)})`;
}
