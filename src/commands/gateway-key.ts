import type { Command } from 'commander';
import { runBody } from './run-body.ts';

export const defineGatewayKey = (program: Command): Command =>
  program
    .command('gateway-key')
    .description('print GATEWAY_PUBLIC_KEY for processes that have no JWT_SECRET')
    .action(runBody(() => import('./gateway-key/gateway-key-run.ts')));
