import type { Command } from 'commander';
import { defineExport } from './codes/export.ts';
import { defineGenerate } from './codes/generate.ts';

/** Generates and exports unique codes of a policy through the running server, like an admin over HTTP. */
export function defineCodes(program: Command): void {
  const codes = program.command('codes').description('unique codes of a coupon policy');
  defineGenerate(codes);
  defineExport(codes);
}
