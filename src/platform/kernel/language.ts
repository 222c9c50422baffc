/** The languages of texts for users: problem documents, pages, mails and notices. */
export const LANGUAGES = ['en', 'ko'] as const;
export type Language = (typeof LANGUAGES)[number];
