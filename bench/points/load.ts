import { join } from 'node:path';
import { runWrk, type WrkResult } from '../support/wrk.ts';

export interface Load {
  readonly url: string;
  /** Path of the token file. */
  readonly tokens: string;
  readonly connections: number;
  readonly seconds: number;
  readonly what: { readonly charge: string } | { readonly balanceOf: number } | 'ready';
}

const SCRIPT = join(import.meta.dirname, 'load.lua');

export function send({ tokens, what, ...load }: Load): Promise<WrkResult> {
  return runWrk({ ...load, script: SCRIPT, args: [`${tokens}.1`, ...selected(what)] });
}

function selected(what: Load['what']): readonly string[] {
  if (what === 'ready') return ['ready', ''];
  return 'charge' in what ? ['charge', what.charge] : ['balance', String(what.balanceOf)];
}
