import { join } from 'node:path';
import { systemClock } from '../base/index.ts';
import type { SettingsStore } from '../config/index.ts';
import { DownloadDesk, ExportQuota, MediaDesk, StreamDesk, type AuditPort } from '../control/index.ts';
import { LiveHouse } from '../live/index.ts';
import {
  EvidenceKey,
  PlaybackHouse,
  type ExportShelf,
  type FootageFinder,
  type SegmentPlace,
} from '../playback/index.ts';
import type { Recorder } from '../recording/index.ts';
import { DAY_US, type Answer } from '../storage/index.ts';
import type { CatalogueDesk } from './footage.ts';

export interface MediaSources {
  readonly store: SettingsStore;
  readonly recorder: Pick<Recorder, 'taps'>;
  readonly catalogue: CatalogueDesk;
  readonly audit: AuditPort;
  /** Pictures of a camera that is not the one that was added are held back. */
  readonly isTrusted: (camera: string) => boolean;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

export interface MediaOfBox {
  /** For doors. */
  readonly desk: MediaDesk;
  readonly downloads: DownloadDesk;
  readonly streams: StreamDesk;
  /** For operations. */
  readonly exports: ExportShelf;
  readonly exportQuota: ExportQuota;
  readonly picture: PlaybackHouse['picture'];
  readonly conversion: LiveHouse['conversion'];
}

/** Pictures for viewers: live from the record worker, recorded from the volumes' files. */
export function mediaOfBox({ store, recorder, catalogue, audit, isTrusted, log }: MediaSources): MediaOfBox {
  const live = new LiveHouse({
    source: recorder.taps,
    clock: systemClock,
    streamsOf: (camera) => store.settings.cameras.find(({ id }) => id === camera)?.streams.map(({ id }) => id) ?? [],
    mpeg1Places: () => store.settings.live.mpeg1Places,
    log,
  });
  const evidence = new EvidenceKey(store.folder);
  const playback = new PlaybackHouse({
    finder: finderIn(catalogue),
    clock: systemClock,
    signer: () => evidence.signer(),
    box: () => store.settings.box,
  });
  const exportQuota = new ExportQuota({
    clock: systemClock,
    most: () => store.settings.exports.userDailyBytes,
  });
  return {
    desk: new MediaDesk({ live, playback, audit, isTrusted, log }),
    streams: new StreamDesk({ live, audit, cameras: () => store.settings.cameras }),
    downloads: new DownloadDesk(playback.exports, audit, exportQuota),
    exports: playback.exports,
    exportQuota,
    conversion: () => live.conversion(),
    picture: (camera, stream, atUs) => playback.picture(camera, stream, atUs),
  };
}

function finderIn(catalogue: CatalogueDesk): FootageFinder {
  const placeOf = (segment: Answer<'segments'>[number]): SegmentPlace => {
    const { volume, sequence, path, startUs, endUs, open } = segment;
    const folder = catalogue.folderOf(volume);
    return { volume, sequence, startUs, endUs, open, file: folder === undefined ? undefined : join(folder, path) };
  };
  return {
    locate: async (camera, stream, timeUs) => {
      const found = await catalogue.ask('locate', { camera, stream, timeUs });
      return found && placeOf(found);
    },
    within: async (camera, stream, fromUs, toUs) => {
      return (await catalogue.ask('segments', { camera, stream, fromUs, toUs })).map(placeOf);
    },
    before: async (camera, stream, timeUs) => {
      const range = { camera, stream, fromUs: timeUs - DAY_US, toUs: timeUs };
      const found = (await catalogue.ask('segments', range)).findLast(({ startUs }) => startUs < timeUs);
      return found && placeOf(found);
    },
  };
}
