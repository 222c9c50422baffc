// The start of the page at /api/docs, in a browser. Scalar is loaded before it (api-docs.ts).
/* global Scalar */

const KEY = 'Idempotency-Key';
/** The page is that of this server, and links to no other. */
const STYLE = `
  .darklight-reference > a, .scalar-reference-credits, a[href^='https://www.scalar.com'], a[href^='https://scalar.com'] { display: none !important; }
`;

Scalar.createApiReference('#api', {
  // Other paths of the same operations would make the list longer, and nothing clearer.
  url: '/api/openapi.json?aliases=false',
  customCss: STYLE,
  // Nothing comes from elsewhere, and nothing is sent there.
  withDefaultFonts: false,
  telemetry: false,
  proxyUrl: '',
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: 'never',
  showToolbar: 'never',
  // The token stays in this browser, until it is removed there.
  persistAuth: true,
  authentication: { preferredSecurityScheme: 'accessToken' },
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  hiddenClients: {
    c: true,
    clojure: true,
    csharp: ['restsharp'],
    dart: true,
    fsharp: true,
    java: ['asynchttp', 'nethttp', 'unirest'],
    js: ['axios', 'jquery', 'ofetch', 'xhr'],
    node: true,
    objc: true,
    ocaml: true,
    powershell: true,
    python: ['aiohttp', 'httpx_async', 'httpx_sync', 'python3'],
    r: true,
    rust: true,
    shell: ['httpie', 'wget'],
    swift: true,
  },
  // A key that is used again gets the first response again, which is not what a try is for.
  onRequestBuilt({ request }) {
    if (request.headers.has(KEY)) request.headers.set(KEY, crypto.randomUUID());
  },
});
