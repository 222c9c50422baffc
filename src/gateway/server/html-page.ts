import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { escapeHtml } from '../../platform/kernel/escape-html.ts';
import type { Language } from '../../platform/kernel/language.ts';

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 3rem auto; padding: 0 1rem; color: #1c1c1e; }
h1 { font-size: 1.25rem; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; }
dd { margin: 0; text-align: right; font-variant-numeric: tabular-nums; }
button, input { display: block; box-sizing: border-box; width: 100%; margin: .5rem 0; padding: .6rem; font: inherit; }
button { cursor: pointer; }
p { color: #545456; }
`;

/** Allows only the page's own style, and a form that posts to the same origin. */
const PAGE_CSP = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Returns a page with this title. @param body HTML, in which texts are escaped */
export const htmlPage = (language: Language, title: string, body: string): string => `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${body}
</body>
</html>
`;

/** Sets the headers of a page whose link is a credential. */
export function sendAsPage(reply: FastifyReply, language: Language): void {
  reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', PAGE_CSP)
    .header('content-language', language)
    .header('cache-control', 'no-store')
    // The link is the credential: it must not leave in a Referer header.
    .header('referrer-policy', 'no-referrer')
    .header('x-content-type-options', 'nosniff');
}
