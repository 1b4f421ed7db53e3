import type { z } from 'zod';
import type { BoxStatus, CoverageDay, Gap, Segment } from '../../../firmware/control/index.ts';

export type Status = z.output<typeof BoxStatus>;
type CameraStatus = Status['cameras'][number];

/** What the demo shows, read from the box. */
export interface Figures {
  readonly status: Status;
  readonly cameras: readonly CameraFigures[];
  /** Gaps that began since the start, newest first. */
  readonly gaps: readonly {
    readonly camera: string;
    readonly start: string;
    readonly seconds: number;
    readonly reason: string;
  }[];
  /** Share of one processor core since the last reading; undefined at the first. */
  readonly cpuShare: number | undefined;
  /** A file that is being written now. */
  readonly newestFile: string | undefined;
  /** By which the box is set up; undefined once that has been done. */
  readonly claimCode: string | undefined;
}

export interface CameraFigures {
  readonly status: CameraStatus;
  readonly filesToday: number;
  readonly gaps: number;
}

type Call = (operation: string, input: unknown) => Promise<unknown>;
type Range = { from: string; to: string };

/** Reads the figures of a running box through its socket. */
export class FigureReader {
  readonly #call: Call;
  readonly #since: string;
  #before: { atMs: number; cpuSeconds: number } | undefined;

  constructor(call: Call, since: Date) {
    this.#call = call;
    this.#since = since.toISOString();
  }

  async read(): Promise<Figures> {
    const status = (await this.#call('box.status', {})) as Status;
    const { claimCode } = (await this.#call('box.claimed', {})) as { claimCode?: string };
    const now = new Date();
    const range = { from: this.#since, to: now.toISOString() };
    const day = { from: `${range.to.slice(0, 10)}T00:00:00Z`, to: range.to };
    const lately = { from: new Date(now.getTime() - 60_000).toISOString(), to: range.to };
    const read = await Promise.all(status.cameras.map((camera) => this.#camera(camera, { range, day, lately })));
    const newest = read.flatMap(({ newest }) => newest ?? []).sort((a, b) => b.startUs - a.startUs)[0];
    return {
      status,
      claimCode,
      cameras: read.map(({ figures }) => figures),
      gaps: read.flatMap(({ gaps }) => gaps).sort((a, b) => (a.start < b.start ? 1 : -1)),
      cpuShare: this.#cpuShare(status.process.cpuSeconds),
      newestFile: newest?.file,
    };
  }

  async #camera(status: CameraStatus, { range, day, lately }: Record<'range' | 'day' | 'lately', Range>) {
    const stream = { camera: status.id, stream: status.stream };
    const [days, gaps, segments] = await Promise.all([
      this.#call('coverage.days', { ...stream, ...day }) as Promise<z.output<typeof CoverageDay>[]>,
      this.#call('gaps.list', { ...stream, ...range }) as Promise<z.output<typeof Gap>[]>,
      this.#call('segments.list', { ...stream, ...lately }) as Promise<z.output<typeof Segment>[]>,
    ]);
    const own = gaps.filter(({ start }) => start >= this.#since).map((gap) => ({ camera: status.name, ...gap }));
    if (status.gapSince !== undefined && status.gapSince >= this.#since) {
      const seconds = (Date.parse(range.to) - Date.parse(status.gapSince)) / 1000;
      own.push({ camera: status.name, start: status.gapSince, end: '', seconds, reason: status.gapReason ?? '' });
    }
    const filesToday = days.reduce((sum, each) => sum + each.segments, 0);
    return { figures: { status, filesToday, gaps: own.length }, gaps: own, newest: segments.at(-1) };
  }

  #cpuShare(cpuSeconds: number): number | undefined {
    const atMs = performance.now();
    const before = this.#before;
    this.#before = { atMs, cpuSeconds };
    return before && (cpuSeconds - before.cpuSeconds) / ((atMs - before.atMs) / 1000);
  }
}
