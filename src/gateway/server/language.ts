import type { Language } from '../../platform/kernel/language.ts';

/** The better liked of ko and en in an Accept-Language header (RFC 9110, section 12.5.4); en when neither is named. */
export function languageOf(header: string | undefined): Language {
  if (header === undefined || !/ko/i.test(header)) return 'en';
  // Long lists are cut after 20 languages: the header is untrusted input.
  const wishes = header.slice(0, 500).split(',', 20);
  return weight(wishes, 'ko') > weight(wishes, 'en') ? 'ko' : 'en';
}

function weight(wishes: readonly string[], language: Language): number {
  let best = 0;
  for (const wish of wishes) {
    const [range = '', ...parameters] = wish.trim().toLowerCase().split(';');
    if (range !== language && !range.startsWith(`${language}-`)) continue;
    const quality = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('q='));
    const value = quality === undefined ? 1 : Number(quality.slice(2));
    if (value > best && value <= 1) best = value;
  }
  return best;
}
