import { createPrivateKey, type KeyObject } from 'node:crypto';
import { firstMessage } from '../../platform/kernel/first-message.ts';
import type { Settings } from '../config.ts';
import { type Check, type Finding, fail, ok, warn } from './finding.ts';

/** What large providers accept of a signature. */
const RSA_BITS_MIN = 2_048;

/** Whether notices and other mail can leave. No mail is sent, and only the mail server is called. */
export const NOTICE_CHECKS: readonly Check[] = [
  { name: 'mail server', run: ({ settings }) => mailServer(settings) },
  { name: 'mail', run: ({ settings }) => mail(settings) },
  { name: 'web push', run: ({ settings }) => webPush(settings) },
];

async function mailServer({ mail: given }: Settings): Promise<readonly Finding[]> {
  if (given === undefined) return [];
  const { tryConnection } = await import('../../platform/mail/smtp-transport.ts');
  const server = `${given.smtp.host}:${given.smtp.port}`;
  try {
    await tryConnection(given.smtp);
    return [ok(`${server} responds`)];
  } catch (error) {
    const isLogin = Object(error).code === 'EAUTH';
    const said = isLogin ? 'refuses the login of SMTP_URL' : 'cannot be used for mail';
    const advice = isLogin ? 'Correct it.' : 'Start it, or correct SMTP_URL.';
    return [fail(`${server} ${said}: ${firstMessage(error)}. ${advice}`)];
  }
}

function mail({ mail: given }: Settings): readonly Finding[] {
  if (given === undefined) return [];
  return [
    given.sender === undefined
      ? warn(
          'No marketing mail leaves. Set MAIL_SENDER_NAME, MAIL_SENDER_ADDRESS and MAIL_SENDER_PHONE where it shall.',
        )
      : ok('marketing mail states its sender'),
    given.dkim === undefined ? ok('mail is not signed here') : dkim(given.dkim.privateKey),
  ];
}

function dkim(pem: string): Finding {
  const key = keyIn(pem);
  if (key?.asymmetricKeyType !== 'rsa')
    return fail(
      'MAIL_DKIM_KEY has no private RSA key, so mail gets no signature. See docs/configuration.md for how to make one.',
    );
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return bits < RSA_BITS_MIN
    ? warn(`The key in MAIL_DKIM_KEY has ${bits} bits. Make one with ${RSA_BITS_MIN}.`)
    : ok('MAIL_DKIM_KEY can sign; whether the DNS has its public key was not checked');
}

function keyIn(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

function webPush({ push }: Settings): readonly Finding[] {
  if (push === undefined) return [];
  return [
    push.contact.startsWith('https:')
      ? ok('PUSH_VAPID_KEY is a key, and push services reach the sender by STAMPEDE_PUBLIC_URL')
      : warn('Push services want an https address of the sender. Set STAMPEDE_PUBLIC_URL to one.'),
  ];
}
