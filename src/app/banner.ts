import { withoutPassword } from '../platform/postgres/database-url.ts';
import type { Settings } from './config.ts';
import type { OpenPostgres } from './local/open-postgres.ts';

export interface Started {
  readonly server: {
    readonly url: string;
    /** The administrator's account, found or created by this start. */
    readonly admin: { readonly email: string; readonly generatedPassword?: string };
  };
  readonly settings: Settings;
  readonly postgres: Pick<OpenPostgres, 'publicUrl' | 'migrations'>;
  readonly tookMs: number;
}

const OWNS_LEDGER =
  'DATABASE_URL owns the tables, so that only triggers keep the ledger from change; see MIGRATION_DATABASE_URL.';

/** The text that is shown when the server runs. A generated password is shown here once, and never stored in plain text. */
export function banner({ server, settings, postgres, tookMs }: Started): string {
  const { email, generatedPassword } = server.admin;
  const url = server.url;
  const rows = [
    ['API', `${url}/api/v1`],
    ['Docs', `${url}/api/docs`],
    ['Metrics', `${url}/metrics`],
    [
      'Admin',
      generatedPassword === undefined ? email : `${email}  password ${generatedPassword}  (shown only this once)`,
    ],
    // DATABASE_URL is the operator's secret; the embedded database's is this machine's own.
    ['PostgreSQL', settings.databaseUrl === undefined ? postgres.publicUrl : withoutPassword(postgres.publicUrl)],
    ...(postgres.migrations && postgres.migrations.login === undefined ? [['Note', OWNS_LEDGER]] : []),
  ];
  const lines = rows.map(([name, value]) => `  ${name?.padEnd(11)} ${value}`);
  const next = '  Next: npm run rush, in a second terminal. Ctrl-C stops.';
  return `\nStampede is ready, after ${(tookMs / 1000).toFixed(1)} s.\n\n${lines.join('\n')}\n\n${next}\n\n`;
}
