import { z } from 'zod';
import { webhookKey } from '../platform/http/webhook-signature.ts';
import {
  type MailAddress,
  type MailSettings,
  parseMailAddress,
  parseSmtpUrl,
  type SmtpServer,
} from '../platform/mail/mail-settings.ts';
import { readPem } from '../platform/read-pem.ts';
import { wholeNumber } from './whole-number.ts';

const TEXT_MAX = 200;
const RATE_MAX = 1_000_000;
const SECRET_MIN_BYTES = 32;
const line = () =>
  z
    .string()
    .regex(/^\P{C}+$/u, 'must be one line')
    .max(TEXT_MAX);

/** Everything about mail, in the order of docs/configuration.md. */
export const MAIL_VARIABLES = {
  SMTP_URL: z.string().transform(readSmtpUrl).optional(),
  MAIL_FROM: z
    .string()
    .transform((text) => parseMailAddress(text))
    .refine((address) => address !== undefined, 'must be one e-mail address, with or without a name before it')
    .optional(),
  MAIL_SENDER_NAME: line().optional(),
  MAIL_SENDER_ADDRESS: line().optional(),
  MAIL_SENDER_PHONE: line().optional(),
  MAIL_DKIM_KEY: z.string().optional(),
  MAIL_DKIM_SELECTOR: z
    .string()
    .regex(/^[\w.-]{1,63}$/, 'must be the name below _domainkey in the DNS')
    .default('stampede'),
  MAIL_DOMAIN_RATE: wholeNumber(1, RATE_MAX).prefault('600'),
  MAIL_LINK_SECRET: z
    .string()
    .transform((secrets) => secrets.split(',').map((secret) => secret.trim()))
    .refine(
      (secrets) => secrets.every((secret) => Buffer.byteLength(secret) >= SECRET_MIN_BYTES),
      `must have at least ${SECRET_MIN_BYTES} bytes, several separated by commas`,
    )
    .optional(),
  MAIL_WEBHOOK_SECRET: z
    .string()
    .transform((secrets) => secrets.split(',').flatMap((secret) => webhookKey(secret.trim()) ?? []))
    .refine((keys) => keys.length > 0, 'must be whsec_ and base64 of 24 to 64 bytes, several separated by commas')
    .optional(),
};
type MailVariable = keyof typeof MAIL_VARIABLES;

export const MAIL_ADVICE: Readonly<Record<MailVariable, string>> = {
  SMTP_URL: 'Set for example SMTP_URL=smtp://user:password@mail.example.com:587, or leave it out to send no mail.',
  MAIL_FROM: 'Set for example MAIL_FROM=Shop <no-reply@shop.example.com>.',
  MAIL_SENDER_NAME: 'Set the name of the company, or leave it out to send no marketing mail.',
  MAIL_SENDER_ADDRESS: 'Set the postal address of the company.',
  MAIL_SENDER_PHONE: 'Set the telephone number of the company.',
  MAIL_DKIM_KEY: 'Set the path of a PEM file, or leave it out where the mail server signs.',
  MAIL_DKIM_SELECTOR: 'Set for example MAIL_DKIM_SELECTOR=stampede.',
  MAIL_DOMAIN_RATE: 'Set for example MAIL_DOMAIN_RATE=600.',
  MAIL_LINK_SECRET: 'Set MAIL_LINK_SECRET to the output of: openssl rand -base64 48',
  MAIL_WEBHOOK_SECRET: 'Set MAIL_WEBHOOK_SECRET to whsec_ followed by the output of: openssl rand -base64 32',
};
export const MAIL_SECRETS: readonly MailVariable[] = ['SMTP_URL', 'MAIL_LINK_SECRET', 'MAIL_WEBHOOK_SECRET'];

function readSmtpUrl(text: string, context: z.RefinementCtx): SmtpServer {
  try {
    return parseSmtpUrl(text);
  } catch (error) {
    context.addIssue((error as Error).message);
    return z.NEVER;
  }
}

type Given = Readonly<Record<string, string | undefined>>;
const SENDER = ['MAIL_SENDER_NAME', 'MAIL_SENDER_ADDRESS', 'MAIL_SENDER_PHONE'] as const;

/** One without the others is a mistake, such as a misspelt name, after which no mail would be sent. */
export function mailProblems(given: Given): readonly string[] {
  if (given['SMTP_URL'] === undefined) {
    return given['MAIL_FROM'] === undefined
      ? []
      : [`MAIL_FROM has no effect without SMTP_URL. ${MAIL_ADVICE.SMTP_URL}`];
  }
  const needed = {
    MAIL_FROM: MAIL_ADVICE.MAIL_FROM,
    STAMPEDE_PUBLIC_URL: 'Set for example STAMPEDE_PUBLIC_URL=https://shop.example.com, or leave SMTP_URL out.',
  };
  const isSenderGiven = SENDER.some((name) => given[name] !== undefined);
  return [
    ...Object.entries(needed)
      .filter(([name]) => given[name] === undefined)
      .map(([name, advice]) => `${name} is required with SMTP_URL. ${advice}`),
    ...SENDER.filter((name) => isSenderGiven && given[name] === undefined).map(
      (name) => `${name} is required with the other two MAIL_SENDER variables. ${MAIL_ADVICE[name]}`,
    ),
  ];
}

interface Values {
  readonly SMTP_URL?: SmtpServer | undefined;
  readonly MAIL_FROM?: MailAddress | undefined;
  readonly MAIL_SENDER_NAME?: string | undefined;
  readonly MAIL_SENDER_ADDRESS?: string | undefined;
  readonly MAIL_SENDER_PHONE?: string | undefined;
  readonly MAIL_DKIM_KEY?: string | undefined;
  readonly MAIL_DKIM_SELECTOR: string;
  readonly MAIL_DOMAIN_RATE: number;
  readonly MAIL_LINK_SECRET?: readonly string[] | undefined;
  readonly STAMPEDE_PUBLIC_URL?: string | undefined;
}

/** Link secrets are empty where they follow from JWT_SECRET. @throws StartError when the key of DKIM cannot be read */
export function mailOf(values: Values): MailSettings | undefined {
  const { SMTP_URL: smtp, MAIL_FROM: from, STAMPEDE_PUBLIC_URL: linkBase, MAIL_DKIM_KEY: key } = values;
  if (smtp === undefined || from === undefined || linkBase === undefined) return undefined;
  const { MAIL_SENDER_NAME: name, MAIL_SENDER_ADDRESS: address, MAIL_SENDER_PHONE: phone } = values;
  return {
    smtp,
    from,
    linkBase,
    dkim:
      key === undefined
        ? undefined
        : {
            domain: from.address.slice(from.address.lastIndexOf('@') + 1),
            selector: values.MAIL_DKIM_SELECTOR,
            privateKey: readPem('MAIL_DKIM_KEY', key).toString('utf8'),
          },
    sender: name === undefined || address === undefined || phone === undefined ? undefined : { name, address, phone },
    domainRate: values.MAIL_DOMAIN_RATE,
    linkSecrets: values.MAIL_LINK_SECRET ?? [],
  };
}
