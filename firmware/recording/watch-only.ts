import { FanOut } from '../media/index.ts';
import { CameraLink, type LinkDeps, type LinkState } from '../rtsp/index.ts';
import { LiveTap, type TapOutlet } from './live-tap.ts';
import type { OpenTap } from './camera-recorder.ts';
import type { WatchOnlyPlan } from './plan.ts';

/** Somebody who looks at one camera after another comes back: the session is kept for so long. */
const LINGER_MS = 10_000;

export interface WatchOnlyDeps {
  readonly link: LinkDeps;
  wallOf(monoUs: number): number;
  readonly heldMaxBytes: number;
}

/** A stream that is not recorded: the camera is asked for it while somebody watches, and for a moment longer. */
export class WatchOnlyStream {
  readonly plan: WatchOnlyPlan;
  readonly #link: CameraLink;
  readonly #fanOut = new FanOut();
  readonly #tap: LiveTap;
  #begun = false;
  #watchers = 0;
  #linger: NodeJS.Timeout | undefined;
  readonly #over: () => void;

  /** `over`: nobody has watched for a while, and it was ended. */
  constructor(plan: WatchOnlyPlan, deps: WatchOnlyDeps, over: () => void) {
    this.plan = plan;
    this.#over = over;
    this.#tap = new LiveTap(deps.heldMaxBytes, this.#fanOut);
    this.#tap.expect(true);
    const { url, transport, username, password, verifyTls, pin, keepAliveS } = plan;
    const target = {
      url,
      user: username || undefined,
      password: password || undefined,
      transport,
      verifyTls,
      pin,
      keepAliveMs: keepAliveS === undefined ? undefined : keepAliveS * 1000,
    };
    const sink = {
      frame: (frame: Parameters<FanOut['push']>[0]): void => this.#fanOut.push(frame),
      description: (_: unknown, session: { mediaToMonoUs(mediaUs: number): number }): void =>
        this.#tap.sessionOpened((mediaUs) => deps.wallOf(session.mediaToMonoUs(mediaUs))),
      tracks: (): void => undefined,
      state: (state: LinkState): void => {
        if (state.phase === 'retrying' || state.phase === 'blocked') this.#tap.sessionClosed();
      },
      note: (): void => undefined,
    };
    this.#link = new CameraLink(`${plan.camera}/${plan.stream}`, target, sink, deps.link);
  }

  open(outlet: TapOutlet, sound: boolean): OpenTap {
    clearTimeout(this.#linger);
    this.#link.setAwake(true);
    const flow = this.#tap.open(outlet, sound);
    this.#watchers++;
    if (!this.#begun) {
      this.#begun = true;
      void this.#link.start();
    }
    return {
      flow,
      shut: () => {
        this.#tap.shut(flow);
        if (--this.#watchers > 0) return;
        this.#linger = setTimeout(() => {
          this.#over();
          void this.stop();
        }, LINGER_MS);
      },
    };
  }

  async stop(): Promise<void> {
    clearTimeout(this.#linger);
    await this.#link.stop();
    this.#tap.close();
    this.#fanOut.close();
  }
}
