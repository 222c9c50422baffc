import { z } from 'zod';
import { accessTokens, validFor } from '../../platform/http/access-token.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { findSystem } from '../rush/find-system.ts';

/** Calls the running server as an administrator. */
export interface Edge {
  readonly url: URL;
  /** Throws EdgeRefusal, and fetch's error when the server cannot be reached. */
  call(method: 'GET' | 'POST', path: string, sent?: Sent): Promise<Response>;
}
export type Sent = { readonly json: unknown } | { readonly csv: ReadableStream<Uint8Array> };

/** What the server responded instead of doing it. */
export class EdgeRefusal extends StartError {
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

const PROBLEM = z.object({
  code: z.string(),
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).default([]),
});
const TOKEN_LIFE_SECONDS = 600;

export async function openEdge(url: string | undefined): Promise<Edge> {
  const system = await findSystem(url, process.env);
  const tokens = accessTokens(system.jwtSecret, Date.now);
  return {
    url: system.url,
    async call(method, path, sent) {
      const token = tokens.sign({ sub: '1', role: 'ADMIN', ...validFor(TOKEN_LIFE_SECONDS, Date.now()) });
      const { type, ...body } = bodyOf(sent);
      const headers = { authorization: `Bearer ${token}`, ...(type === undefined ? {} : { 'content-type': type }) };
      const response = await fetch(new URL(path, system.url), { method, headers, ...body });
      if (!response.ok)
        throw new EdgeRefusal(
          `${method} ${path} returned ${response.status}: ${await reasonOf(response)}`,
          response.status,
        );
      return response;
    },
  };
}

function bodyOf(sent: Sent | undefined): RequestInit & { readonly type?: string } {
  if (sent === undefined) return {};
  if ('csv' in sent) return { type: 'text/csv', body: sent.csv, duplex: 'half' };
  return { type: 'application/json', body: JSON.stringify(sent.json) };
}

async function reasonOf(response: Response): Promise<string> {
  const problem = PROBLEM.safeParse(await response.json().catch(() => undefined));
  if (!problem.success) return response.statusText;
  const { code, detail, errors } = problem.data;
  const said = errors.length === 0 ? detail : errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  return `${code}. ${said}`;
}
