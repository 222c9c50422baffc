import { z } from 'zod';

/** A client of an authorisation server, by the grant of client credentials (RFC 6749, 4.4). */
export interface OauthClient {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string | undefined;
}

const REQUEST_MS = 5_000;
const RESPONSE_CHARS_MAX = 100_000;
/** Of a response without `expires_in`. */
const LIFE_SECONDS = 300;
/**
 * A token is replaced when less than this part of its life is left. A connection authenticates again after four fifths of the life of
 * its token, and then needs another one.
 */
const LEFT_PART = 0.25;

const RESPONSE = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().default(LIFE_SECONDS),
});

interface Token {
  readonly text: string;
  readonly goodUntilMs: number;
}

/** One source for all clients of a process that share settings, so that each token is asked for once. */
const sources = new WeakMap<OauthClient, () => Promise<string>>();

/** Returns a function that returns a valid token, and gets a new one before the last one expires. It rejects with what to check. */
export function oauthTokens(client: OauthClient): () => Promise<string> {
  const known = sources.get(client);
  if (known !== undefined) return known;
  let token: Token | undefined;
  let asking: Promise<Token> | undefined;

  const source = async (): Promise<string> => {
    if (token !== undefined && performance.now() < token.goodUntilMs) return token.text;
    asking ??= requestToken(client).finally(() => {
      asking = undefined;
    });
    token = await asking;
    return token.text;
  };
  sources.set(client, source);
  return source;
}

async function requestToken({ tokenUrl, clientId, clientSecret, scope }: OauthClient): Promise<Token> {
  const askedMs = performance.now();
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(scope === undefined ? {} : { scope }),
  });
  // RFC 6749, 2.3.1: both are encoded as in a form before they are joined.
  const credentials = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      accept: 'application/json',
    },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(REQUEST_MS),
  }).catch((error: unknown) => {
    throw new Error(`KAFKA_OAUTH_TOKEN_URL=${tokenUrl} cannot be reached. Start that server or correct the URL.`, {
      cause: error,
    });
  });
  const text = (await response.text()).slice(0, RESPONSE_CHARS_MAX);
  if (!response.ok) {
    throw new Error(
      `KAFKA_OAUTH_TOKEN_URL=${tokenUrl} gave no token, but status ${response.status}. Check KAFKA_OAUTH_CLIENT_ID and KAFKA_OAUTH_CLIENT_SECRET.`,
    );
  }
  const parsed = RESPONSE.safeParse(jsonOf(text));
  if (!parsed.success) {
    throw new Error(`KAFKA_OAUTH_TOKEN_URL=${tokenUrl} gave no access_token. It must be the token endpoint itself.`);
  }
  const { access_token, expires_in } = parsed.data;
  return { text: access_token, goodUntilMs: askedMs + expires_in * 1_000 * (1 - LEFT_PART) };
}

const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
