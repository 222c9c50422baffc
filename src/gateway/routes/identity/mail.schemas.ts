import { z } from 'zod';
import { EMAIL_MAX, normaliseEmail } from '../../../contexts/identity/api.ts';
import { NewPassword } from './identity.schemas.ts';

const TOKEN_MAX = 256;
const isEmail = (text: string): boolean => normaliseEmail(text) !== undefined;

/** Whatever is wrong with a token but its size looks like a link that is not valid. */
const Token = z.string().min(1).max(TOKEN_MAX).meta({ description: 'From the link in the mail' });

export const MailBody = z
  .strictObject({
    email: z.string().max(EMAIL_MAX).refine(isEmail, 'must be an e-mail address').meta({ format: 'email' }),
  })
  .meta({ id: 'MailAddressRequest' });
export const TokenBody = z.strictObject({ token: Token }).meta({ id: 'MailTokenRequest' });
export const ResetBody = z.strictObject({ token: Token, newPassword: NewPassword });

/** What a page gets in its address. Text that is too long for a token is refused by the page, not by the validation. */
export const LinkQuery = z.strictObject({ token: Token });
/** The fields of the page's form. The password is checked by the context, whose refusal the page shows. */
export const ResetFormBody = z.strictObject({ token: Token, newPassword: z.string().max(TOKEN_MAX) });

export const MailRequestedView = z
  .strictObject({
    email: z.string().meta({
      description:
        'As it is stored. A mail that says how to go on is sent when the address has an account for it; no response shows whether it has.',
    }),
  })
  .meta({ id: 'MailRequested' });
export const MAIL_REQUESTED_EXAMPLE = { email: 'ada@example.com' };
export const TOKEN_EXAMPLE = 'Zm9yLW9uZS11c2Utb25seS1hbmQtZm9yLW9uZS1kYXk';
