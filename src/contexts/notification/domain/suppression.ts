/** Why an address gets no mail: the mailbox does not exist, or its reader reported a mail as spam. */
export const SUPPRESSION_REASONS = ['HARD_BOUNCE', 'COMPLAINT'] as const;
export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number];
