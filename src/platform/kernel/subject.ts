import { isText } from './text.ts';

/** OpenID Connect Core, section 2. */
export const SUBJECT_MAX = 255;

/** Can this be the subject of a token, or the id of a session of another issuer: one printable line, of a length that OpenID Connect allows? */
export const isSubject = (text: unknown): text is string => typeof text === 'string' && isText(text, 1, SUBJECT_MAX);
