import { createPrivateKey } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createTransport } from 'nodemailer';
import { type DkimSigner, dkimSignature } from './dkim-signature.ts';
import type { DkimKey, MailSettings, SmtpServer } from './mail-settings.ts';
import type { MailOutcome, MailTransport } from './mail-transport.ts';

const CONNECT_MS = 5_000;
/** A server may check a message for seconds before it accepts it. */
const SILENCE_MS = 15_000;
const SEND_MS = 30_000;
/** Connections to the server, and mails that are handed over at the same time. */
const CONNECTIONS = 4;

/** Mail over SMTP, on connections that are kept for the next mail. Signed where `dkim` is given. */
export function smtpTransport({ smtp, from, dkim }: Pick<MailSettings, 'smtp' | 'from' | 'dkim'>): MailTransport {
  /** What is read from a mail while it is sent, by the mail's number. */
  const bodies = new Map<string, Readable>();
  let sent = 0;
  const signer = dkim && signerOf(dkim);
  const transport = createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    // A connection that broke has an unknown outcome. Its mail is sent again by its row, not here.
    maxRequeues: 0,
    ...connectionTo(smtp),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  // The stream that the connection reads shows how far the mail got.
  transport.use('stream', ({ data, message }, done) => {
    if (signer) message.processFunc((mail) => Readable.from(signed(mail, signer), { objectMode: false }));
    const create = message.createReadStream.bind(message);
    message.createReadStream = (options) => {
      const body = create(options);
      bodies.set(String(Object(data)['sendNumber']), body);
      return body;
    };
    done();
  });
  return {
    async send({ to, subject, text, html, language, messageId, headers }) {
      const sendNumber = String(sent++);
      try {
        await transport.sendMail({
          from: { ...from },
          to: { name: '', address: to },
          subject,
          text,
          html,
          ...(messageId === undefined ? {} : { messageId: `<${messageId}>` }),
          // RFC 3834: no out-of-office note comes back.
          headers: { 'Content-Language': language, 'Auto-Submitted': 'auto-generated', ...headers },
          signal: AbortSignal.timeout(SEND_MS),
          ...{ sendNumber },
        });
        return { kind: 'ACCEPTED' };
      } catch (error) {
        return outcomeOf(error, bodies.get(sendNumber));
      } finally {
        bodies.delete(sendNumber);
      }
    },
    close: () => transport.close(),
  };
}

/** Undefined: no key that can sign; the doctor warns of it. */
function signerOf({ privateKey, ...named }: DkimKey): DkimSigner | undefined {
  try {
    const key = createPrivateKey(privateKey);
    return key.asymmetricKeyType === 'rsa' ? { ...named, key } : undefined;
  } catch {
    return undefined;
  }
}

/** The mail with its signature, which covers all of it: mails have some kilobytes. */
async function* signed(mail: Readable, signer: DkimSigner): AsyncGenerator<Buffer> {
  const text = (await buffer(mail)).toString('latin1').replaceAll(/\r?\n/g, '\r\n');
  yield Buffer.from(dkimSignature(text, signer) + text, 'latin1');
}

/**
 * Connects as for a mail, with TLS and the login where they are needed, and sends none.
 * @throws the error of the connection, or the refusal of the server
 */
export async function tryConnection(smtp: SmtpServer): Promise<void> {
  const transport = createTransport(connectionTo(smtp));
  try {
    await transport.verify();
  } finally {
    transport.close();
  }
}

const connectionTo = (smtp: SmtpServer) => ({
  host: smtp.host,
  port: smtp.port,
  secure: smtp.isImplicitTls,
  requireTLS: mustEncrypt(smtp),
  ...(smtp.login === undefined ? {} : { auth: { user: smtp.login.user, pass: smtp.login.password } }),
  connectionTimeout: CONNECT_MS,
  dnsTimeout: CONNECT_MS,
  greetingTimeout: CONNECT_MS,
  socketTimeout: SILENCE_MS,
});

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** A password goes over the network encrypted only. */
const mustEncrypt = ({ host, isImplicitTls, login }: SmtpServer): boolean =>
  !isImplicitTls && login !== undefined && !LOOPBACK.test(host);

/** Codes of nodemailer for a server that responded to the recipient or to the message, and not to the connection. */
const ABOUT_MAIL: ReadonlySet<unknown> = new Set(['EENVELOPE', 'EMESSAGE']);
const PERMANENT = 500;
/**
 * RFC 3463: no such mailbox (1), domain without mail (2 and RFC 7505: 10), an address with wrong syntax (3), a mailbox that has moved away (6). A refusal
 * without this second code may be about this server, not about the address: "550 relay not permitted".
 */
const NO_MAILBOX = /^5\d\d[ -]5\.1\.(?:[1236]|10)\b/;
/** RFC 5321: too many connections, or too many mails to this mailbox or its domain. */
const BUSY: ReadonlySet<unknown> = new Set([421, 450, 451]);

/** The message of an error may contain the address, so only codes are kept. */
function outcomeOf(error: unknown, body: Readable | undefined): MailOutcome {
  const { code, response, responseCode, command, name } = Object(error) as Readonly<Record<string, unknown>>;
  const parts = [code, responseCode, command].filter((part) => part !== undefined && part !== false);
  const reason = parts.length === 0 ? 'unexpected' : parts.join(' ');
  if (ABOUT_MAIL.has(code) && Number(responseCode || PERMANENT) >= PERMANENT)
    return { kind: 'REJECTED', reason, hasNoMailbox: command === 'RCPT TO' && NO_MAILBOX.test(String(response)) };
  // Any reply to the mail says that the server has not taken it.
  const isRefused = ABOUT_MAIL.has(code) || BUSY.has(responseCode);
  // After the last byte the server may have taken it. A mail that was cut off by our limit of time may still be on its way.
  const mayHaveArrived = body?.readableEnded === true || name === 'AbortError' || name === 'TimeoutError';
  if (!isRefused && mayHaveArrived) return { kind: 'UNKNOWN', reason };
  return { kind: 'NOT_SENT', reason, isBusy: BUSY.has(responseCode) };
}
