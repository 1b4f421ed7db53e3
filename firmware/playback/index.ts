/** Playing and exporting recordings straight from their files. Runs in: main; exports are described in a job worker. */
export { EvidenceKey } from './evidence-key.ts';
export type { FootageFinder, PlaySink, PlayState, PlayWish, SegmentPlace } from './play-ports.ts';
export type { ExportShelf, PreparedExport } from './export-shelf.ts';
export { PlaybackHouse } from './playback-house.ts';
export type { Player } from './player.ts';
