import { StartError } from '../../platform/kernel/start-error.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * Returns what `read` makes of the JSON of a success. Any server can respond with one, also that of a wrong --url.
 * @param read throws when the operation does not return such a body
 * @throws StartError when the response is not that of Stampede
 */
export async function readResponse<Result>(
  url: URL,
  response: Response,
  read: (body: unknown) => Result,
): Promise<Result> {
  try {
    return read(await response.json());
  } catch (error) {
    throw notStampede(url, error);
  }
}

/** Returns a JSON object that has this member. @throws TypeError when it is another value */
export function withMember(body: unknown, member: string): Members {
  if (typeof body === 'object' && body !== null && member in body) return body as Members;
  throw new TypeError(`The response has no ${member}.`);
}

/** The server has received the credential of the command before its response shows what it is. */
export const notStampede = ({ origin }: URL, cause?: unknown): StartError =>
  new StartError(
    `The server at ${origin} is not Stampede: its response is none of the API. Is --url the address of a Stampede server?\n` +
      'It has received the credential of this command. Replace the credential if others run that server.',
    { cause },
  );
