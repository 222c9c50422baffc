import { isText } from '../../../platform/kernel/text.ts';

/** A user as another issuer names it. */
export interface ExternalName {
  /** The issuer's name in the configuration. */
  readonly issuer: string;
  /** The subject of the issuer's tokens: any text, compared exactly. */
  readonly subject: string;
}

/** OpenID Connect Core, section 2. */
export const SUBJECT_MAX = 255;
/** Of what is kept of the subject of a deleted user. No subject has a line break. */
export const ERASED_PREFIX = '\n';
const PREFIX = 'ext:';
const ISSUER = '[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?';
const ISSUER_NAME = new RegExp(`^${ISSUER}$`);
const SHAPE = new RegExp(`^${PREFIX}(${ISSUER}):(.+)$`, 's');
const ESCAPED = /[^A-Za-z0-9._~@|-]/gu;
/** Each UTF-16 unit of a subject has at most three bytes, and each byte three characters when it is escaped. */
export const EXTERNAL_ID_MAX = PREFIX.length + 32 + 1 + SUBJECT_MAX * 9;

/** Is this a name of an issuer: up to 32 lower-case letters, digits and inner hyphens? */
export const isIssuerName = (text: string): boolean => ISSUER_NAME.test(text);

/** Can this be the subject of a token: one printable line, of a length that OpenID Connect allows? */
export const isSubject = (text: string): boolean => isText(text, 1, SUBJECT_MAX);

/** Is this what is kept of the subject of a deleted user? */
export const isErased = (subject: string): boolean => subject.startsWith(ERASED_PREFIX);

/** Returns `ext:<issuer>:<subject>`, with the subject URI-encoded. */
export const externalIdOf = ({ issuer, subject }: ExternalName): string =>
  `${PREFIX}${issuer}:${subject.replace(ESCAPED, escaped)}`;

/** Reads what `externalIdOf` wrote, also where characters that need no escape are escaped, or the other way round. Undefined: it is no such text. */
export function parseExternalId(text: string): ExternalName | undefined {
  if (text.length > EXTERNAL_ID_MAX) return undefined;
  const [, issuer, encoded] = SHAPE.exec(text) ?? [];
  if (issuer === undefined || encoded === undefined) return undefined;
  const subject = decoded(encoded);
  return subject !== undefined && isSubject(subject) ? { issuer, subject } : undefined;
}

/** Does a text look like one that `parseExternalId` reads? */
export const isExternalId = (text: unknown): text is string => typeof text === 'string' && text.startsWith(PREFIX);

/** As `encodeURIComponent`, and `!'()*` as well. */
const escaped = (char: string): string => {
  const encoded = encodeURIComponent(char);
  return encoded === char ? `%${char.charCodeAt(0).toString(16).toUpperCase()}` : encoded;
};

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
