import { EXIT } from '../exit-codes.ts';
import { follow } from '../jobs/follow.ts';
import { COUPON_JOBS } from '../jobs/job-view.ts';
import type { Api } from '../remote/api.ts';
import type { ServerOptions } from '../remote/find-server.ts';
import { openApi } from '../remote/open-api.ts';
import { type PageOptions, printPages } from './print-pages.ts';
import { recordText } from './record-text.ts';
import { type CommandInput, requestOf, type Values } from './request-of.ts';
import type { Resource, Verb } from './verb.ts';

export interface VerbOptions {
  readonly resource: Resource;
  readonly verb: Verb;
  /** In the order of the verb's. */
  readonly args: readonly (string | readonly string[])[];
  readonly options: Values & CommandInput & ServerOptions & PageOptions & { readonly json: boolean };
}

/** Runs one verb of a resource and prints what the server returned. @throws StartError */
export async function run({ resource, verb, args, options }: VerbOptions): Promise<number> {
  const request = await requestOf(verb, args, options, options);
  const api = await openApi(options);
  if (verb.list !== undefined) {
    await printPages(api, request, { name: verb.list, columns: verb.columns ?? resource.columns }, options);
    return EXIT.DONE;
  }
  const response = await api.call(verb.method, request.path, request.sent);
  if (response.status === 204) {
    process.stdout.write(`${options.json ? '{}' : (verb.done ?? 'Done.')}\n`);
    return EXIT.DONE;
  }
  return await print(api, verb, await response.json(), options.json);
}

async function print(api: Api, verb: Verb, result: unknown, json: boolean): Promise<number> {
  if (json) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  else if (verb.followsJob === true) return await follow(api, COUPON_JOBS.toView(result), process.stdout);
  else process.stdout.write(recordText(result as Readonly<Record<string, unknown>>));
  return EXIT.DONE;
}
