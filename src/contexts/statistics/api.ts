/** All that other code may import of the statistics context. */

export type * from '../../gen/types/stampede/statistics/v1/statistics.ts';
