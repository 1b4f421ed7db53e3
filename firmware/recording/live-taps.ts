import { isDeepStrictEqual } from 'node:util';
import { BoxError } from '../base/index.ts';
import type { TapOutlet } from './live-tap.ts';
import type { CameraRecorder, OpenTap } from './camera-recorder.ts';
import type { LiveMessage } from './messages.ts';
import type { RecordPlan } from './plan.ts';
import { WatchOnlyStream, type WatchOnlyDeps } from './watch-only.ts';

export interface LiveTapsDeps extends WatchOnlyDeps {
  cameraOf(id: string): CameraRecorder | undefined;
  cameras(): Iterable<CameraRecorder>;
  /** Hands a message over; the buffers in `transfer` are gone then. */
  readonly send: (message: LiveMessage, transfer: readonly ArrayBuffer[]) => void;
}

interface Tapped {
  readonly camera: string;
  readonly stream: string;
  readonly open: OpenTap;
}

/** The taps that the main thread has open for its viewers. */
export class LiveTaps {
  readonly #deps: LiveTapsDeps;
  readonly #open = new Map<number, Tapped>();
  readonly #watchOnly = new Map<string, WatchOnlyStream>();
  #plans: RecordPlan['watchOnly'];
  #expectsViewers = false;

  constructor(plans: RecordPlan['watchOnly'], deps: LiveTapsDeps) {
    this.#plans = plans;
    this.#deps = deps;
  }

  /** `id` names the tap in what it sends. @throws BoxError live.no-such-stream */
  open(id: number, camera: string, stream: string, sound: boolean): void {
    const outlet = this.#outletOf(id);
    const open =
      this.#deps.cameraOf(camera)?.openLive(stream, outlet, sound) ??
      this.#watchOnlyOf(camera, stream)?.open(outlet, sound);
    if (!open) throw new BoxError('live.no-such-stream', { camera, stream });
    this.#open.set(id, { camera, stream, open });
  }

  get expectsViewers(): boolean {
    return this.#expectsViewers;
  }

  /** While somebody may soon want to watch, pictures are held ready for it. */
  expect(viewers: boolean): void {
    if (viewers === this.#expectsViewers) return;
    this.#expectsViewers = viewers;
    for (const camera of this.#deps.cameras()) camera.expect(viewers);
  }

  setSound(id: number, sound: boolean): void {
    this.#open.get(id)?.open.flow.setSound(sound);
  }

  taken(id: number, bytes: number): void {
    this.#open.get(id)?.open.flow.taken(bytes);
  }

  shut(id: number): void {
    this.#open.get(id)?.open.shut();
    this.#open.delete(id);
  }

  /** The recorder of this camera is gone, perhaps for another one: viewers have to ask anew. */
  cameraLeft(camera: string): void {
    for (const [id, tapped] of this.#open) if (tapped.camera === camera) this.#end(id);
  }

  async apply(plans: RecordPlan['watchOnly']): Promise<void> {
    this.#plans = plans;
    for (const [key, stream] of this.#watchOnly) {
      if (plans.some((plan) => isDeepStrictEqual(plan, stream.plan))) continue;
      this.#watchOnly.delete(key);
      for (const [id, tapped] of this.#open) if (keyOf(tapped.camera, tapped.stream) === key) this.#end(id);
      await stream.stop();
    }
  }

  async stop(): Promise<void> {
    for (const id of this.#open.keys()) this.#end(id);
    await Promise.all([...this.#watchOnly.values()].map((stream) => stream.stop()));
    this.#watchOnly.clear();
  }

  #end(id: number): void {
    this.shut(id);
    this.#deps.send({ t: 'tap-ended', tap: id }, []);
  }

  #watchOnlyOf(camera: string, stream: string): WatchOnlyStream | undefined {
    const key = keyOf(camera, stream);
    const running = this.#watchOnly.get(key);
    if (running) return running;
    const plan = this.#plans.find((each) => each.camera === camera && each.stream === stream);
    if (!plan) return undefined;
    const made = new WatchOnlyStream(plan, this.#deps, () => this.#watchOnly.delete(key));
    this.#watchOnly.set(key, made);
    return made;
  }

  #outletOf(tap: number): TapOutlet {
    const { send } = this.#deps;
    return {
      track: (facts) => send({ t: 'tap-track', tap, facts }, []),
      part: (part) => send({ t: 'tap-part', tap, part }, [part.bytes.buffer as ArrayBuffer]),
      quiet: () => send({ t: 'tap-quiet', tap }, []),
    };
  }
}

function keyOf(camera: string, stream: string): string {
  return `${camera}/${stream}`;
}
