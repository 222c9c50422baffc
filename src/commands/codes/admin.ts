import { z } from 'zod';
import { accessTokens } from '../../platform/http/access-token.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { findSystem } from '../rush/find-system.ts';

const TOKEN_LIFE_SECONDS = 600;
const Problem = z.object({
  detail: z.string(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).default([]),
});

/** Calls the running server with a token of its admin, signed here. Throws StartError with what the server refuses with. */
export type CallAsAdmin = (method: 'GET' | 'POST', path: string, body?: unknown) => Promise<Response>;

export async function callAsAdmin(url: string | undefined): Promise<CallAsAdmin> {
  const system = await findSystem(url, process.env);
  const tokens = accessTokens(system.jwtSecret, Date.now);
  return async (method, path, body) => {
    const iat = Math.floor(Date.now() / 1000);
    const token = tokens.sign({ sub: '1', role: 'ADMIN', iat, exp: iat + TOKEN_LIFE_SECONDS });
    const answer = await fetch(new URL(path, system.url), {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new StartError(await reasonOf(answer));
    return answer;
  };
}

async function reasonOf(answer: Response): Promise<string> {
  const problem = Problem.safeParse(await answer.json().catch(() => undefined));
  if (!problem.success) return `The server answered ${answer.status}.`;
  const { detail, errors } = problem.data;
  return errors.length === 0 ? detail : errors.map(({ field, message }) => `${field} ${message}`).join('\n');
}
