import { z } from 'zod';
import { accessTokens } from '../../platform/http/access-token.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { findSystem } from '../rush/find-system.ts';

/** The running server, asked as an administrator. */
export interface Edge {
  readonly url: URL;
  /** Throws StartError with the server's answer when it refuses; what fetch throws when nothing answers. */
  job(method: 'GET' | 'POST', path: string, body?: ReadableStream<Uint8Array>): Promise<ShownJob>;
}

const SHOWN = z.object({
  jobId: z.string(),
  kind: z.string(),
  status: z.enum(['OPEN', 'QUEUED', 'RUNNING', 'DONE', 'FAILED']),
  total: z.number(),
  done: z.number(),
  failed: z.number(),
  error: z.string().nullable(),
  estimatedFinishAt: z.string().nullable(),
});
export type ShownJob = z.output<typeof SHOWN>;

const TOKEN_LIFE_SECONDS = 600;
const TEXT_MAX = 500;

export async function openEdge(url: string | undefined): Promise<Edge> {
  const system = await findSystem(url, process.env);
  const tokens = accessTokens(system.jwtSecret, Date.now);
  return {
    url: system.url,
    async job(method, path, body) {
      const iat = Math.floor(Date.now() / 1000);
      const token = tokens.sign({ sub: '1', role: 'ADMIN', iat, exp: iat + TOKEN_LIFE_SECONDS });
      const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'text/csv' }) };
      const init: RequestInit = { method, headers, ...(body && { body, duplex: 'half' }) };
      const answer = await fetch(new URL(path, system.url), init);
      const text = await answer.text();
      if (!answer.ok) throw new StartError(`${method} ${path} answered ${answer.status}: ${text.slice(0, TEXT_MAX)}`);
      return SHOWN.parse(JSON.parse(text));
    },
  };
}
