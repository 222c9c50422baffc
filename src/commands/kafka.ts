import type { Command } from 'commander';
import { defineAcls } from './kafka/acls.ts';

export function defineKafka(program: Command): void {
  const kafka = program.command('kafka').description('what a Kafka cluster needs for this system');
  defineAcls(kafka);
}
