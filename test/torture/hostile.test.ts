import { inBrief } from './in-brief.ts';

await inBrief('hostile');
