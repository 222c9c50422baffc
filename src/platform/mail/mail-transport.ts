/** A mail to one address. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Of the texts: for the header Content-Language. */
  readonly language: string;
}

/**
 * ACCEPTED: the server is responsible for the mail now. REJECTED: the server refused this recipient or message for good. UNKNOWN: it may have
 * arrived or not, or the server cannot be reached; `reason` names the failure and contains no address and no text of the mail.
 */
export type MailOutcome =
  | { readonly kind: 'ACCEPTED' }
  | { readonly kind: 'REJECTED' | 'UNKNOWN'; readonly reason: string };

/** Hands mail over to a server. */
export interface MailTransport {
  /** Never rejects. Ends within 30 s. */
  send(mail: Mail): Promise<MailOutcome>;
  /** Closes connections. */
  close(): void;
}
