import { z } from 'zod';
import {
  type MailSettings,
  parseMailAddress,
  parseSmtpUrl,
  type SmtpServer,
} from '../../platform/mail/mail-settings.ts';
import { readPem } from '../../platform/read-pem.ts';
import type { EDGE_VARIABLES } from './edge-variables.ts';
import { rotatedSecret, webhookKeys, wholeNumber } from './schemas.ts';
import type { ValuesOf, Variables } from './variable.ts';

const TEXT_MAX = 200;
const RATE_MAX = 1_000_000;
const line = () =>
  z
    .string()
    .regex(/^\P{C}+$/u, 'must be one line')
    .max(TEXT_MAX);

/** Everything about mail, in the order of docs/configuration.md. */
export const MAIL_VARIABLES = {
  SMTP_URL: {
    schema: z.string().transform(readSmtpUrl).optional(),
    advice: 'Set for example SMTP_URL=smtp://user:password@mail.example.com:587, or leave it out to send no mail.',
    isSecret: true,
  },
  MAIL_FROM: {
    schema: z
      .string()
      .transform((text) => parseMailAddress(text))
      .refine((address) => address !== undefined, 'must be one e-mail address, with or without a name before it')
      .optional(),
    advice: 'Set for example MAIL_FROM=Shop <no-reply@shop.example.com>.',
  },
  MAIL_SENDER_NAME: {
    schema: line().optional(),
    advice: 'Set the name of the company, or leave it out to send no marketing mail.',
  },
  MAIL_SENDER_ADDRESS: {
    schema: line().optional(),
    advice: 'Set the postal address of the company.',
  },
  MAIL_SENDER_PHONE: {
    schema: line().optional(),
    advice: 'Set the telephone number of the company.',
  },
  MAIL_DKIM_KEY: {
    schema: z.string().optional(),
    advice: 'Set the path of a PEM file, or leave it out where the mail server signs.',
  },
  MAIL_DKIM_SELECTOR: {
    schema: z
      .string()
      .regex(/^[\w.-]{1,63}$/, 'must be the name below _domainkey in the DNS')
      .default('stampede'),
    advice: 'Set for example MAIL_DKIM_SELECTOR=stampede.',
  },
  MAIL_DOMAIN_RATE: {
    schema: wholeNumber(1, RATE_MAX).prefault('600'),
    advice: 'Set for example MAIL_DOMAIN_RATE=600.',
  },
  MAIL_LINK_SECRET: {
    schema: rotatedSecret().optional(),
    advice: 'Set MAIL_LINK_SECRET to the output of: openssl rand -base64 48',
    isSecret: true,
  },
  MAIL_WEBHOOK_SECRET: {
    schema: webhookKeys().optional(),
    advice: 'Set MAIL_WEBHOOK_SECRET to whsec_ followed by the output of: openssl rand -base64 32',
    isSecret: true,
  },
} satisfies Variables;

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
      : [`MAIL_FROM has no effect without SMTP_URL. ${MAIL_VARIABLES.SMTP_URL.advice}`];
  }
  const needed = {
    MAIL_FROM: MAIL_VARIABLES.MAIL_FROM.advice,
    STAMPEDE_PUBLIC_URL: 'Set for example STAMPEDE_PUBLIC_URL=https://shop.example.com, or leave SMTP_URL out.',
  };
  const isSenderGiven = SENDER.some((name) => given[name] !== undefined);
  return [
    ...Object.entries(needed)
      .filter(([name]) => given[name] === undefined)
      .map(([name, advice]) => `${name} is required with SMTP_URL. ${advice}`),
    ...SENDER.filter((name) => isSenderGiven && given[name] === undefined).map(
      (name) => `${name} is required with the other two MAIL_SENDER variables. ${MAIL_VARIABLES[name].advice}`,
    ),
  ];
}

type Values = ValuesOf<typeof MAIL_VARIABLES & Pick<typeof EDGE_VARIABLES, 'STAMPEDE_PUBLIC_URL'>>;

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
