import type { PlantedBug } from './bugs.ts';

const REMOTE = 'src/commands/remote';
const MCP = 'src/commands/mcp';

/** In commands that call a server elsewhere, and in the tools of assistants. */
export const COMMAND_BUGS: readonly PlantedBug[] = [
  {
    name: 'commands: an ended token is exchanged once more by those who waited for the lock',
    file: `${REMOTE}/session-tokens.ts`,
    within: 'sessionToken',
    search: 'if (isCurrent(present)) return present.accessToken;',
    replace: '',
    tests: [`${REMOTE}/session-tokens.test.ts`],
    only: 'is exchanged once',
  },
  {
    name: 'commands: a session is forgotten when the server is busy',
    file: `${REMOTE}/session-tokens.ts`,
    within: 'sessionToken',
    search: '|| error.status !== 401',
    replace: '',
    tests: [`${REMOTE}/session-tokens.test.ts`],
    only: 'when the server is busy',
  },
  {
    name: 'commands: an API key follows a redirect',
    file: `${REMOTE}/open-api.ts`,
    within: 'apiWith',
    search: "{ redirect: 'manual' }",
    replace: "{ redirect: 'follow' }",
    tests: [`${REMOTE}/open-api.test.ts`],
    only: 'where a redirect leads',
  },
  {
    name: 'commands: an argument leaves its place in the path',
    file: 'src/commands/resources/request-of.ts',
    within: 'requestOf',
    search: 'encodeURIComponent(String(named[name]))',
    replace: 'String(named[name])',
    tests: ['src/commands/resources/request-of.test.ts'],
  },
  {
    name: 'commands: columns are aligned by characters',
    file: 'src/commands/resources/table-text.ts',
    within: 'padded',
    search: 'stringWidth(text)',
    replace: 'text.length',
    tests: ['src/commands/resources/table-text.test.ts'],
    only: 'is aligned',
  },
  {
    name: 'commands: what a server sent moves the cursor of the terminal',
    file: `${REMOTE}/problem.ts`,
    within: 'problemText',
    search: '.map(printable)',
    replace: '',
    tests: [`${REMOTE}/problem.test.ts`],
    only: 'no control characters',
  },
  {
    name: 'assistants: tools that write are offered without --allow-writes',
    file: `${MCP}/create-mcp-server.ts`,
    within: 'createMcpServer',
    search: 'allowWrites || !writes',
    replace: 'allowWrites || writes || !writes',
    tests: [`${MCP}/create-mcp-server.test.ts`],
    only: 'where writes are allowed',
  },
  {
    name: 'assistants: a request over HTTP without a credential is served',
    file: `${MCP}/http-handler.ts`,
    within: 'refusedRequest',
    search: 'credentialsIn(request.headers) !== undefined',
    replace: 'request.headers !== undefined',
    tests: [`${MCP}/http-handler.test.ts`],
    only: 'its own credential',
  },
  {
    name: 'assistants: a page of another site reaches the tools',
    file: `${MCP}/http-handler.ts`,
    within: 'mcpHttpHandler',
    search: 'isLoopback ? refusedOrigin(request) : undefined',
    replace: 'isLoopback ? undefined : refusedOrigin(request)',
    tests: [`${MCP}/http-handler.test.ts`],
    only: 'of another site',
  },
];
