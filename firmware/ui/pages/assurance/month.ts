import type { Output } from '../../box/client.ts';

export type Month = Output<'assurance.report'>;
