import { join } from 'node:path';
import { BoxError, systemClock } from '../base/index.ts';
import type { SettingsStore } from '../config/index.ts';
import type { BoxPorts } from '../control/index.ts';
import {
  FINDINGS,
  openVolumeFolder,
  quickStart,
  rebuildCatalogue,
  Recovery,
  verifyVolume,
  Volume,
  type Answer,
  type Args,
  type Operation,
  type VolumeFolder,
} from '../storage/index.ts';
import { CataloguePart } from './catalogue-part.ts';
import type { CatalogueDesk } from './footage.ts';

const OPEN_MS = 10_000;
const STOP_MS = 10_000;

/** The catalogue and the volumes of a stopped box; the catalogue is opened when it is first asked. */
export class StoppedCatalogue implements CatalogueDesk {
  readonly #store: SettingsStore;
  readonly #dataFolder: string;
  #part: Promise<CataloguePart> | undefined;
  #folders = new Map<string, string>();
  /** Nothing on these is put in order. */
  readonly #readOnly = new Set<string>();

  constructor(store: SettingsStore) {
    this.#store = store;
    this.#dataFolder = store.folder;
  }

  async ask<O extends Operation>(operation: O, args: Args<O>): Promise<Answer<O>> {
    const part = await (this.#part ??= this.#open());
    return part.ask(operation, args);
  }

  folderOf(uuid: string): string | undefined {
    return this.#folders.get(uuid);
  }

  async verify({ deep }: { deep: boolean }): ReturnType<BoxPorts['footage']['verify']> {
    const catalogue = join(this.#dataFolder, 'catalogue.db');
    const { signal } = new AbortController();
    const findings = [];
    let segments = 0;
    let ok = true;
    for (const volume of this.#store.settings.volumes) {
      const folder = this.#store.volumeFolder(volume);
      const report = await verifyVolume({ folder, box: this.#store.settings.box.id, catalogue, deep, signal });
      segments += report.segments;
      ok &&= report.verdict === 'sound';
      for (const each of report.findings) {
        const words = `${each.severity}: ${FINDINGS[each.code].what}`;
        findings.push({
          code: each.code,
          ...(each.path === undefined ? {} : { path: each.path }),
          detail: each.detail ? `${words} ${JSON.stringify(each.detail)}` : words,
        });
      }
    }
    return { ok, volumes: this.#store.settings.volumes.length, segments, findings };
  }

  /** Puts the volumes in order as a start of the box would, then makes the catalogue anew from them. */
  async rebuild(): ReturnType<BoxPorts['footage']['rebuild']> {
    const began = performance.now();
    await this.close();
    const path = join(this.#dataFolder, 'catalogue.db');
    const volumes = await this.#volumes();
    const { signal } = new AbortController();
    for (const folder of volumes) {
      if (this.#readOnly.has(folder.identity.volume)) {
        await folder.close();
        continue;
      }
      const name = { volume: folder.identity.volume, folder: folder.folder };
      await rebuildCatalogue(path, [name], signal);
      await this.#recover(folder);
    }
    const names = volumes.map(({ identity, folder }) => ({ volume: identity.volume, folder }));
    await rebuildCatalogue(path, names, signal);
    const totals = await this.ask('volumes', {});
    const segments = totals.reduce((sum, total) => sum + total.segments, 0);
    return { segments, ms: performance.now() - began };
  }

  async close(): Promise<void> {
    const part = this.#part;
    this.#part = undefined;
    await (await part)?.stop();
  }

  async #open(): Promise<CataloguePart> {
    const part = new CataloguePart({
      dataFolder: this.#dataFolder,
      // Nobody records while the box is stopped, so nobody feeds and nothing is deleted.
      feed: (port) => port.close(),
      log: () => undefined,
    });
    await part.start();
    for (const folder of await this.#volumes()) {
      const { volume } = folder.identity;
      await part.attach(volume, folder.folder, this.#readOnly.has(volume));
      await folder.close();
    }
    return part;
  }

  async #volumes(): Promise<VolumeFolder[]> {
    const found: VolumeFolder[] = [];
    this.#folders = new Map();
    this.#readOnly.clear();
    for (const volume of this.#store.settings.volumes) {
      const path = this.#store.volumeFolder(volume);
      try {
        const options = {
          box: this.#store.settings.box.id,
          ofAnyBox: volume.readOnly,
          adoptEmpty: false,
          deadlineMs: OPEN_MS,
          clock: systemClock,
        };
        const folder = await openVolumeFolder(path, options);
        this.#folders.set(folder.identity.volume, folder.folder);
        if (volume.readOnly) this.#readOnly.add(folder.identity.volume);
        found.push(folder);
      } catch (error) {
        // A disk that is not there says nothing; verify tells of it.
        if (!(error instanceof BoxError) || error.code !== 'storage.not-mounted') throw error;
      }
    }
    return found;
  }

  async #recover(folder: VolumeFolder): Promise<void> {
    const quick = await quickStart(folder.root);
    const part = new CataloguePart({
      dataFolder: this.#dataFolder,
      feed: (port) => port.close(),
      log: () => undefined,
    });
    await part.start();
    const uuid = folder.identity.volume;
    const volume = new Volume({ folder, journal: quick.journal, clock: systemClock, listener: {} });
    try {
      await volume.start();
      const recovery = new Recovery(
        quick,
        {
          folder: folder.root,
          record: async (event) => {
            const error = await volume.appendRecord(event);
            if (error) throw error;
          },
          remove: (sequence, path) => volume.deleteSegment(sequence, path),
        },
        {
          attached: part.attach(uuid, folder.folder),
          known: (sequences) => part.ask('known', { volume: uuid, sequences }),
          bySequence: (afterSequence, limit) => part.ask('bySequence', { volume: uuid, afterSequence, limit }),
        },
        new AbortController().signal,
      );
      await recovery.run();
    } finally {
      await volume.stop(STOP_MS);
      await part.stop();
    }
  }
}
