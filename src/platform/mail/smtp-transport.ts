import { createTransport } from 'nodemailer';
import type { MailSettings, SmtpServer } from './mail-settings.ts';
import type { MailOutcome, MailTransport } from './mail-transport.ts';

const CONNECT_MS = 5_000;
/** A server may check a message for seconds before it accepts it. */
const SILENCE_MS = 15_000;
const SEND_MS = 30_000;
const CONNECTIONS = 4;

/** Mail over SMTP, on connections that are kept for the next mail. */
export function smtpTransport({ smtp, from }: Pick<MailSettings, 'smtp' | 'from'>): MailTransport {
  const transport = createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    // A connection that broke has an unknown outcome. Its mail is sent again by its row, not here.
    maxRequeues: 0,
    host: smtp.host,
    port: smtp.port,
    secure: smtp.isImplicitTls,
    requireTLS: mustEncrypt(smtp),
    ...(smtp.login === undefined ? {} : { auth: { user: smtp.login.user, pass: smtp.login.password } }),
    connectionTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, subject, text, html, language }) {
      try {
        await transport.sendMail({
          from: { ...from },
          to: { name: '', address: to },
          subject,
          text,
          html,
          // RFC 3834: no out-of-office note comes back.
          headers: { 'Content-Language': language, 'Auto-Submitted': 'auto-generated' },
          signal: AbortSignal.timeout(SEND_MS),
        });
        return { kind: 'ACCEPTED' };
      } catch (error) {
        return outcomeOf(error);
      }
    },
    close: () => transport.close(),
  };
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** A password goes over the network encrypted only. */
const mustEncrypt = ({ host, isImplicitTls, login }: SmtpServer): boolean =>
  !isImplicitTls && login !== undefined && !LOOPBACK.test(host);

/** Codes of nodemailer for a server that responded to the recipient or to the message, and not to the connection. */
const ABOUT_MAIL: ReadonlySet<unknown> = new Set(['EENVELOPE', 'EMESSAGE']);
const PERMANENT = 500;

/** The message of an error may contain the address, so only codes are kept. */
function outcomeOf(error: unknown): MailOutcome {
  const { code, responseCode, command } = Object(error) as Readonly<Record<string, unknown>>;
  const isFinal = ABOUT_MAIL.has(code) && Number(responseCode ?? PERMANENT) >= PERMANENT;
  const reason = [code, responseCode, command].filter((part) => part !== undefined).join(' ');
  return { kind: isFinal ? 'REJECTED' : 'UNKNOWN', reason: reason === '' ? 'unexpected' : reason };
}
