/** The messages that the contracts of all contexts share. */
export type * from '../../gen/stampede/common/v1/common.ts';
