/** The messages that the contracts of all contexts share. */
export type * from '../../gen/types/stampede/common/v1/common.ts';
