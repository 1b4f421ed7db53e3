import { BoxError, systemClock } from '../base/index.ts';
import type { SettingsStore } from '../config/index.ts';
import { isoOf, repairsOf, type BoxPorts } from '../control/index.ts';
import type { Recorder, StreamReport, VolumeReport } from '../recording/index.ts';
import { dayOf, type Answer } from '../storage/index.ts';
import { LoopDelay, type Problems } from '../telemetry/index.ts';
import { inOrder } from './camera-table.ts';
import type { CataloguePart } from './catalogue-part.ts';
import { cameraPlansOf } from './plan-of.ts';

type Status = Awaited<ReturnType<BoxPorts['recorder']['status']>>;
type CameraStatus = Status['cameras'][number];

export interface StatusSources {
  readonly store: SettingsStore;
  readonly recorder: Recorder;
  readonly catalogue: CataloguePart;
  readonly problems: Problems;
  readonly version: string;
  /** False for a camera whose identity has changed. */
  readonly isTrusted: (camera: string) => boolean;
  readonly steeredBy: (camera: string) => { readonly by: string; readonly priority: number } | undefined;
  readonly supportedUntil: string;
}

/** Puts together what people want to know of the box now. */
export class BoxStatusReader {
  readonly #sources: StatusSources;
  readonly #startedUs = systemClock.wallUs();
  readonly #delay = new LoopDelay();

  constructor(sources: StatusSources) {
    this.#sources = sources;
    this.#delay.start();
  }

  async read(): Promise<Status> {
    const { store, recorder, catalogue, problems, version, supportedUntil } = this.#sources;
    const report = await recorder.ask('report', {});
    const today = dayOf(systemClock.wallUs());
    // How the cameras are does not depend on the catalogue, so neither does this answer.
    const [totals, volumes, space] = await Promise.all([
      catalogue.ask('totals', { fromDay: today, toDay: today }),
      catalogue.ask('volumes', {}),
      catalogue.ask('space', {}),
    ]).catch((error: unknown): [Answer<'totals'>, Answer<'volumes'>, Answer<'space'>] => {
      if (error instanceof BoxError) return [[], [], { volumes: [], groups: [] }];
      throw error;
    });
    const usage = process.cpuUsage();
    const orders = new Map(store.settings.cameras.map(({ id, order }) => [id, order]));
    const orderOf = (camera: string): number => orders.get(camera) ?? 0;
    const isRestartable = (camera: string): boolean =>
      store.settings.cameras.some(({ id, onvif }) => id === camera && onvif.url !== '') &&
      this.#sources.isTrusted(camera);
    return {
      box: store.settings.box.id,
      name: store.settings.box.name,
      version,
      supportedUntil,
      timeZone: store.settings.site.timeZone,
      startedAt: isoOf(this.#startedUs),
      recording: report.streams.filter(({ recording }) => recording === 'recording').length,
      // Of the settings: a camera that the record worker does not know yet is missing all the same.
      expected: cameraPlansOf(store.settings).reduce((sum, { streams }) => sum + streams.length, 0),
      cameras: inOrder(report.streams.map((stream) => ({ ...stream, order: orderOf(stream.camera) }))).map((stream) => {
        const total = totals.find((each) => each.camera === stream.camera && each.stream === stream.stream);
        const steering = this.#sources.steeredBy(stream.camera);
        return {
          ...cameraStatus(stream, total),
          ...(steering && { steering }),
          ...(!this.#sources.isTrusted(stream.camera) && { untrusted: true }),
        };
      }),
      volumes: report.volumes.map((volume) => this.#volumeStatus(volume, volumes, space)),
      problems: problems.list().map(({ sinceUs, context, ...problem }) => ({
        ...problem,
        since: isoOf(sinceUs),
        repairs: repairsOf({ ...problem, context }, isRestartable),
      })),
      process: {
        rssBytes: process.memoryUsage.rss(),
        loopDelayMsP99: this.#delay.takeP99Ms(),
        recordLoopDelayMsP99: report.loopDelayMsP99,
        mediaBytesHeld: report.mediaBytesHeld,
        cpuSeconds: (usage.user + usage.system) / 1e6,
      },
    };
  }

  #volumeStatus(
    report: VolumeReport,
    totals: readonly { volume: string; bytes: number }[],
    space: Answer<'space'>,
  ): Status['volumes'][number] {
    const { catalogue } = this.#sources;
    const uuid = [...catalogue.folders].find(([, folder]) => folder === report.folder)?.[0];
    return {
      id: report.id,
      folder: report.folder,
      state: report.state ?? report.error?.code ?? 'opening',
      usedBytes: totals.find(({ volume }) => volume === uuid)?.bytes ?? 0,
      budgetBytes: space.volumes.find(({ volume }) => volume === uuid)?.limitBytes ?? 0,
      freeBytes: report.space?.freeBytes ?? 0,
      queuedBytes: report.queuedBytes ?? 0,
      writeMsP99: report.writes?.p99Ms ?? 0,
      syncMsP99: report.syncs?.p99Ms ?? 0,
    };
  }
}

function cameraStatus(stream: StreamReport, total: { recordedUs: number; bytes: number } | undefined): CameraStatus {
  const { error, gap } = stream;
  return {
    id: stream.camera,
    name: stream.name,
    stream: stream.stream,
    mode: stream.mode,
    connection: stream.connection,
    recording: stream.recording,
    volumes: [...stream.volumes],
    because: stream.because,
    ...(error && { problem: { code: error.code, what: error.what, advice: error.advice } }),
    ...(stream.nextTryUs === undefined ? {} : { nextTry: isoOf(stream.nextTryUs) }),
    ...(stream.video && { video: stream.video }),
    ...(stream.audio === undefined ? {} : { audio: stream.audio }),
    bitsPerSecond: stream.bitsPerSecond,
    packetsLost: stream.packetsLost,
    framesRecorded: stream.frames,
    recordedTodayS: (total?.recordedUs ?? 0) / 1e6,
    bytesToday: total?.bytes ?? 0,
    ...(gap?.sinceUs === undefined ? {} : { gapSince: isoOf(gap.sinceUs) }),
    ...(gap && { gapReason: gap.reason }),
    notes: [...stream.notes],
  };
}
