import { z } from 'zod';
import { commandLine } from '../../platform/kernel/command-line.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { printable } from '../printable.ts';

/** What every problem document of the server has (RFC 9457). */
const Problem = z.object({
  title: z.string(),
  detail: z.string(),
  code: z.string(),
  status: z.number(),
  requestId: z.string().optional(),
  scope: z.string().optional(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).default([]),
});
export type Problem = z.output<typeof Problem>;

/** What the server responded instead of doing it. Its message has the title, the detail, the code, the request and what to do. */
export class ApiRefusal extends StartError {
  readonly status: number;
  /** UNEXPECTED_RESPONSE when the response is none of Stampede, such as that of a proxy. */
  readonly code: string;
  /** The whole document. */
  readonly problem: Readonly<Record<string, unknown>>;

  constructor(message: string, status: number, code: string, problem: Readonly<Record<string, unknown>>) {
    super(message);
    this.status = status;
    this.code = code;
    this.problem = problem;
  }
}

/** Reads the problem of a response that is no success. */
export async function problemIn(response: Response): Promise<ApiRefusal> {
  const body: unknown = await response.json().catch(() => undefined);
  const parsed = Problem.safeParse(body);
  if (!parsed.success) {
    const { status, statusText, url } = response;
    const detail = `HTTP ${status}${statusText === '' ? '' : ` ${statusText}`} is not a response of Stampede. Is ${new URL(url).origin} the right server?`;
    return new ApiRefusal(detail, status, 'UNEXPECTED_RESPONSE', { status, code: 'UNEXPECTED_RESPONSE', detail });
  }
  const problem = parsed.data;
  const retryAfter = response.headers.get('retry-after') ?? undefined;
  const message = problemText(problem, retryAfter);
  return new ApiRefusal(message, problem.status, problem.code, body as Record<string, unknown>);
}

/** Returns lines for a person. What the server sent is made safe for a terminal. */
export function problemText(problem: Problem, retryAfter?: string): string {
  const { title, detail, code, requestId, errors } = problem;
  const id = requestId === undefined ? '' : `, request ${requestId}`;
  const fields = errors.map(({ field, message }) => `  ${field} ${message}`);
  const advice = adviceFor(problem, retryAfter);
  return [`${title}: ${detail} (${code}${id})`, ...fields, ...(advice === undefined ? [] : [advice])]
    .map(printable)
    .join('\n');
}

/** What helps with any operation. The detail of a rule says itself what to do. */
function adviceFor({ status, code, scope }: Problem, retryAfter: string | undefined): string | undefined {
  if (code === 'SCOPE_MISSING') {
    return `An administrator can give the key the scope ${scope}: ${commandLine(`keys update <id> --scopes …,${scope}`)}`;
  }
  if (status === 401) return `Log in (${commandLine('login')}), or give another key with --api-key.`;
  if (status === 403) return 'Log in as a user who may do this, or use a key with another role or scope.';
  if (retryAfter !== undefined && /^\d+$/.test(retryAfter)) return `Try again in ${retryAfter} s.`;
  return undefined;
}
