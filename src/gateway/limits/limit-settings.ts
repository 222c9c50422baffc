/** Requests a minute, but for codes and streams. */
export interface LimitSettings {
  /** For each user. */
  readonly principal: number;
  /** For each address without a valid credential. */
  readonly address: number;
  /** For each API key without a limit of its own, and for each other machine. */
  readonly apiKey: number;
  /** Per account and address together. */
  readonly login: number;
  /** Per account from everywhere: many addresses guess one password. Wider, so that a stuffer rarely locks the owner out. */
  readonly loginAccount: number;
  /** Per address for any account: one address tries many. */
  readonly loginAddress: number;
  readonly mail: MailLimitSettings;
  readonly codes: CodeLimitSettings;
  readonly streams: StreamLimitSettings;
}

/** How many mails may be requested in an hour. */
export interface MailLimitSettings {
  /** To one mail address from one client address. */
  readonly aRecipientAndAddress: number;
  /** To one mail address from everywhere. */
  readonly aRecipient: number;
  /** From one client address to any mail address. */
  readonly anAddress: number;
}

/** How many coupon codes a caller may try. */
export interface CodeLimitSettings {
  readonly aMinute: number;
  readonly anHour: number;
  /** That many wrong ones within an hour, and they are blocked. */
  readonly wrongAnHour: number;
  readonly blockSeconds: number;
  /** Wrong codes an hour from one client address, of all its accounts. */
  readonly wrongOfAddress: number;
}

/** How many streams may be open on a node. */
export interface StreamLimitSettings {
  /** Of each user. */
  readonly principal: number;
  /** Of each address, and of each machine. */
  readonly address: number;
}
