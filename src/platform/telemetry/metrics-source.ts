import type { Registry } from 'prom-client';

/** What /metrics serves: a registry, or those of several processes together. */
export type MetricsSource = Pick<Registry, 'contentType' | 'metrics'>;
