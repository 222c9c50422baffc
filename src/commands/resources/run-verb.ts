import { EXIT } from '../exit-codes.ts';
import { follow } from '../jobs/follow.ts';
import { COUPON_JOBS } from '../jobs/job-view.ts';
import type { Api } from '../remote/api.ts';
import type { ServerOptions } from '../remote/find-server.ts';
import { openApi } from '../remote/open-api.ts';
import { notStampede, readResponse, withMember } from '../remote/read-response.ts';
import { type PageOptions, printPages } from './print-pages.ts';
import { recordText } from './record-text.ts';
import { type CommandInput, requestOf, type Values } from './request-of.ts';
import type { Resource, Verb } from './verb.ts';

export interface VerbOptions {
  readonly resource: Resource;
  readonly verb: Verb;
  /** In the order of the verb's. */
  readonly args: readonly (string | readonly string[])[];
  /** Of the fields of the verb, by the names that the API has for them. */
  readonly values: Values;
  readonly options: CommandInput & ServerOptions & PageOptions & { readonly json: boolean };
}

/** Runs one verb of a resource and prints what the server returned. @throws StartError */
export async function run({ resource, verb, args, values, options }: VerbOptions): Promise<number> {
  const request = await requestOf(verb, args, values, options);
  const api = await openApi(options);
  if (verb.list !== undefined) {
    await printPages(api, request, { name: verb.list, columns: verb.columns ?? resource.columns }, options);
    return EXIT.DONE;
  }
  const response = await api.call(verb.method, request.path, request.sent);
  if (verb.done !== undefined) {
    if (response.status !== 204) throw notStampede(api.url);
    process.stdout.write(`${options.json ? '{}' : verb.done}\n`);
    return EXIT.DONE;
  }
  const member = verb.returns ?? resource.columns[0] ?? '';
  const result = await readResponse(api.url, response, (body) => withMember(body, member));
  return await print(api, verb, result, options.json);
}

async function print(api: Api, verb: Verb, result: Values, json: boolean): Promise<number> {
  if (json) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  else if (verb.followsJob === true) return await follow(api, COUPON_JOBS.toView(result), process.stdout);
  else process.stdout.write(recordText(result));
  return EXIT.DONE;
}
