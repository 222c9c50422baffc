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
  /** Why a credential was rejected. */
  reason: z.string().optional(),
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
  readonly document: Readonly<Record<string, unknown>>;

  constructor(message: string, { status, code }: Problem, document: Readonly<Record<string, unknown>>) {
    super(message);
    this.status = status;
    this.code = code;
    this.document = document;
  }
}

/** Returns the refusal of a response that is no success. @param body its problem document */
export function problemOf(response: Response, body: unknown): ApiRefusal {
  const problem = Problem.parse(body);
  const retryAfter = response.headers.get('retry-after') ?? undefined;
  return new ApiRefusal(problemText(problem, retryAfter), problem, body as Readonly<Record<string, unknown>>);
}

/** Returns lines for a person. What the server sent is made safe for a terminal. */
export function problemText(problem: Problem, retryAfter?: string): string {
  const { title, detail, code, reason, requestId, errors } = problem;
  const id = requestId === undefined || requestId === '' ? undefined : `request ${requestId}`;
  const fields = errors.map(({ field, message }) => `  ${field} ${message}`);
  const advice = adviceFor(problem, retryAfter);
  return [
    `${title}: ${detail} (${[code, reason, id].filter(Boolean).join(', ')})`,
    ...fields,
    ...(advice === undefined ? [] : [advice]),
  ]
    .map(printable)
    .join('\n');
}

/** What helps with any operation. The detail of a rule says itself what to do. */
function adviceFor({ status, code, scope, reason }: Problem, retryAfter: string | undefined): string | undefined {
  if (code === 'SCOPE_MISSING') {
    return `An administrator can give the key the scope ${scope}: ${commandLine(`keys update <id> --scopes …,${scope}`)}`;
  }
  if (code === 'UNAUTHENTICATED') return adviceForCredential(reason);
  if (status === 403) return 'Log in as a user who may do this, or use a key with another role or scope.';
  if (code === 'UNEXPECTED_RESPONSE') return 'Is --url the address of a Stampede server?';
  if (retryAfter !== undefined && /^\d+$/.test(retryAfter)) return `Try again in ${retryAfter} s.`;
  return undefined;
}

/** What helps by the reason that the server gives; a later version may have more of them. */
function adviceForCredential(reason = ''): string {
  if (reason === 'WRONG_PASSWORD') return 'Correct the e-mail address or the password.';
  if (reason.startsWith('ACTING_USER_')) return 'Correct --as-user.';
  if (reason.startsWith('API_KEY_')) return 'Give another key with --api-key or STAMPEDE_API_KEY.';
  return `Log in (${commandLine('login')}), or give a key with --api-key or STAMPEDE_API_KEY, or a token of your identity provider in STAMPEDE_ACCESS_TOKEN.`;
}
