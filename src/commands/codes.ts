import type { Command } from 'commander';
import { defineExport } from './codes/export.ts';
import { defineGenerate } from './codes/generate.ts';
import { defineImport } from './codes/import.ts';

/** Generates, imports and exports unique codes of a policy through a running server. */
export function defineCodes(program: Command): void {
  const codes = program.command('codes').description('unique codes of a coupon policy');
  defineGenerate(codes);
  defineImport(codes);
  defineExport(codes);
}
