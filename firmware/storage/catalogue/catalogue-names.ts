import type { DatabaseSync, StatementSync } from 'node:sqlite';

export interface Boot {
  id: number;
  volume: number;
  boot: string;
  /** What an anchor adds to the times that this boot recorded under an untrusted clock. */
  anchorUs: number;
}

interface Channel {
  id: number;
  camera: string;
  stream: string;
  longestUs: number;
  dirty: boolean;
}

/** Runs are many over the years; beyond this many the memory of them starts again. */
const REMEMBERED_RUNS = 20_000;

/** The small numbers that stand for names in the catalogue's rows, remembered in both directions. */
export class CatalogueNames {
  readonly #statements: ReturnType<typeof prepareStatements>;
  readonly #volumes = new Map<string, number>();
  readonly #volumeNames = new Map<number, string>();
  readonly #channels = new Map<string, Channel>();
  readonly #channelsById = new Map<number, Channel>();
  readonly #codecs = new Map<string, number>();
  readonly #codecNames = new Map<number, string>();
  readonly #boots = new Map<string, Boot>();
  readonly #bootsById = new Map<number, Boot>();
  readonly #runs = new Map<string, number>();
  readonly #runsById = new Map<number, { run: string; boot: number }>();

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
    for (const row of this.#statements.channels.all() as unknown as Omit<Channel, 'dirty'>[]) this.#addChannel(row);
    for (const row of this.#statements.boots.all() as unknown as Boot[]) this.#addBoot(row);
  }

  volume(name: string): number {
    return this.#number(name, this.#volumes, this.#volumeNames, this.#statements.volume);
  }

  volumeName(id: number): string {
    return this.#name(id, this.#volumeNames, this.#statements.volumeName);
  }

  volumes(): string[] {
    return (this.#statements.volumes.all() as unknown as { name: string }[]).map(({ name }) => name);
  }

  codec(name: string): number {
    return this.#number(name, this.#codecs, this.#codecNames, this.#statements.codec);
  }

  /** Empty for 0, the codec of a segment that is not closed. */
  codecName(id: number): string {
    return id === 0 ? '' : this.#name(id, this.#codecNames, this.#statements.codecName);
  }

  /** The number of a camera's stream, made if need be. */
  channel(camera: string, stream: string): number {
    const known = this.#channels.get(`${camera}/${stream}`);
    if (known) return known.id;
    const id = Number(this.#statements.addChannel.run(camera, stream).lastInsertRowid);
    return this.#addChannel({ id, camera, stream, longestUs: 0 }).id;
  }

  knownChannel(camera: string, stream: string): number | undefined {
    return this.#channels.get(`${camera}/${stream}`)?.id;
  }

  channelName(id: number): { camera: string; stream: string } {
    const { camera, stream } = this.#channelsById.get(id)!;
    return { camera, stream };
  }

  channelIds(): number[] {
    return [...this.#channelsById.keys()];
  }

  /** Length of the channel's longest closed segment so far: how far back a query has to look. */
  longestUs(id: number): number {
    return this.#channelsById.get(id)?.longestUs ?? 0;
  }

  noteLength(id: number, lengthUs: number): void {
    const channel = this.#channelsById.get(id)!;
    if (lengthUs <= channel.longestUs) return;
    channel.longestUs = lengthUs;
    channel.dirty = true;
  }

  saveLongest(): void {
    for (const channel of this.#channelsById.values()) {
      if (!channel.dirty) continue;
      this.#statements.saveLongest.run(channel.longestUs, channel.id);
      channel.dirty = false;
    }
  }

  boot(volume: number, boot: string): Boot {
    const known = this.#boots.get(`${volume}/${boot}`);
    if (known) return known;
    const id = Number(this.#statements.addBoot.run(volume, boot).lastInsertRowid);
    return this.#addBoot({ id, volume, boot, anchorUs: 0 });
  }

  setAnchor(boot: Boot, anchorUs: number): void {
    boot.anchorUs = anchorUs;
    this.#statements.saveAnchor.run(anchorUs, boot.id);
  }

  run(boot: number, run: string): number {
    const key = `${boot}/${run}`;
    const known = this.#runs.get(key);
    if (known !== undefined) return known;
    const row = this.#statements.findRun.get(boot, run) as { id: number } | undefined;
    const id = row?.id ?? Number(this.#statements.addRun.run(boot, run).lastInsertRowid);
    this.#rememberRun(id, { run, boot });
    return id;
  }

  bootOfRun(id: number): number {
    return this.#run(id).boot;
  }

  anchorOfRun(id: number): number {
    return this.#bootsById.get(this.#run(id).boot)?.anchorUs ?? 0;
  }

  runNames(id: number): { run: string; boot: string } {
    const { run, boot } = this.#run(id);
    return { run, boot: this.#bootsById.get(boot)?.boot ?? '' };
  }

  /** Forgets boots and runs that were removed from the database. */
  forgetRuns(): void {
    this.#runs.clear();
    this.#runsById.clear();
    this.#boots.clear();
    this.#bootsById.clear();
    for (const row of this.#statements.boots.all() as unknown as Boot[]) this.#addBoot(row);
  }

  #run(id: number): { run: string; boot: number } {
    const known = this.#runsById.get(id);
    if (known) return known;
    const row = this.#statements.runById.get(id) as { run: string; boot: number } | undefined;
    const names = row ?? { run: '', boot: 0 };
    this.#rememberRun(id, names);
    return names;
  }

  #rememberRun(id: number, names: { run: string; boot: number }): void {
    if (this.#runsById.size >= REMEMBERED_RUNS) {
      this.#runs.clear();
      this.#runsById.clear();
    }
    this.#runs.set(`${names.boot}/${names.run}`, id);
    this.#runsById.set(id, names);
  }

  #addChannel(row: Omit<Channel, 'dirty'>): Channel {
    const channel = { ...row, dirty: false };
    this.#channels.set(`${row.camera}/${row.stream}`, channel);
    this.#channelsById.set(row.id, channel);
    return channel;
  }

  #addBoot(row: Boot): Boot {
    const boot = { ...row };
    this.#boots.set(`${row.volume}/${row.boot}`, boot);
    this.#bootsById.set(row.id, boot);
    return boot;
  }

  #number(
    name: string,
    numbers: Map<string, number>,
    names: Map<number, string>,
    { find, add }: { find: StatementSync; add: StatementSync },
  ): number {
    let id = numbers.get(name);
    if (id === undefined) {
      const row = find.get(name) as { id: number } | undefined;
      id = row?.id ?? Number(add.run(name).lastInsertRowid);
      numbers.set(name, id);
      names.set(id, name);
    }
    return id;
  }

  #name(id: number, names: Map<number, string>, find: StatementSync): string {
    let name = names.get(id);
    if (name === undefined) {
      name = (find.get(id) as { name: string } | undefined)?.name ?? '';
      names.set(id, name);
    }
    return name;
  }
}

function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    volume: {
      find: prepare('SELECT id FROM volumes WHERE name = ?'),
      add: prepare('INSERT INTO volumes(name) VALUES(?)'),
    },
    volumeName: prepare('SELECT name FROM volumes WHERE id = ?'),
    volumes: prepare('SELECT name FROM volumes ORDER BY name'),
    codec: {
      find: prepare('SELECT id FROM codecs WHERE codec = ?'),
      add: prepare('INSERT INTO codecs(codec) VALUES(?)'),
    },
    codecName: prepare('SELECT codec name FROM codecs WHERE id = ?'),
    channels: prepare('SELECT id, camera, stream, longest_us longestUs FROM channels ORDER BY camera, stream'),
    addChannel: prepare('INSERT INTO channels(camera, stream) VALUES(?, ?)'),
    saveLongest: prepare('UPDATE channels SET longest_us = ? WHERE id = ?'),
    boots: prepare('SELECT id, volume, boot, anchor_us anchorUs FROM boots'),
    addBoot: prepare('INSERT INTO boots(volume, boot) VALUES(?, ?)'),
    saveAnchor: prepare('UPDATE boots SET anchor_us = ? WHERE id = ?'),
    findRun: prepare('SELECT id FROM runs WHERE boot = ? AND run = ?'),
    addRun: prepare('INSERT INTO runs(boot, run) VALUES(?, ?)'),
    runById: prepare('SELECT run, boot FROM runs WHERE id = ?'),
  };
}
