/** npm run mailpit: a mail server to try things with, until Ctrl-C. It keeps what it receives. */
import { NoMailpit } from './binary.ts';
import { startMailpit } from './start.ts';

try {
  const { smtpPort, pageUrl, kill } = await startMailpit();
  process.stdout.write(`SMTP_URL=smtp://127.0.0.1:${smtpPort}\nThe mails: ${pageUrl}\n`);
  const end = async (): Promise<void> => {
    await kill();
    process.exit(0);
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  setInterval(() => undefined, 60_000);
} catch (error) {
  if (!(error instanceof NoMailpit)) throw error;
  process.stderr.write(`Mailpit cannot be started here: ${error.message}.\n`);
  process.exitCode = 1;
}
