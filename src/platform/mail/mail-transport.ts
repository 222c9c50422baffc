/** A mail to one address. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Of the texts: for the header Content-Language. */
  readonly language: string;
  /** Without angle brackets. The same in every attempt: readers who get a mail twice see it once. Absent: a new one. */
  readonly messageId?: string;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * ACCEPTED: the server is responsible for the mail now. REJECTED: the server refused this recipient or message for good; `hasNoMailbox`: it says
 * that there is no such mailbox. NOT_SENT: the server has
 * certainly not taken it, and may take it later; `isBusy`: it wants fewer mails to this domain. UNKNOWN: the connection ended after the last byte of the
 * mail, before the response. `reason` names the failure and contains no address and no text of the mail.
 */
export type MailOutcome =
  | { readonly kind: 'ACCEPTED' }
  | { readonly kind: 'REJECTED'; readonly reason: string; readonly hasNoMailbox: boolean }
  | { readonly kind: 'UNKNOWN'; readonly reason: string }
  | { readonly kind: 'NOT_SENT'; readonly reason: string; readonly isBusy: boolean };

/** Hands mail over to a server. */
export interface MailTransport {
  /** Never rejects. Ends within 30 s. */
  send(mail: Mail): Promise<MailOutcome>;
  /** Closes connections. */
  close(): void;
}
