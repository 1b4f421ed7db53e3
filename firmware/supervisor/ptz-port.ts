import { BoxError, systemClock } from '../base/index.ts';
import { PtzDesk, type CameraRegistry, type Lease, type PresetPictures, type Steerer } from '../cameras/index.ts';
import { isoOf, type PtzPort } from '../control/index.ts';
import type { OnvifCamera } from '../onvif/index.ts';

type Control = NonNullable<Awaited<ReturnType<OnvifCamera['ptz']>>>;

const ASK_MS = 15_000;
const FOCUS_MS = 5_000;
/** Where a camera looks is asked for at most this often, however many pages ask. */
const STATUS_MS = 1_000;

/** Steering of the box's cameras: one control for each camera that somebody has steered, made anew when the camera's settings change. */
export function ptzOfBox(
  registry: CameraRegistry,
  pictures: PresetPictures,
  failed: (camera: string, error: unknown) => void,
): {
  readonly port: PtzPort;
  lease(camera: string): Lease | undefined;
  lost(session: string): void;
  close(): Promise<void>;
} {
  const controls = new Map<string, { device: OnvifCamera; control: Promise<Control> }>();
  const looks = new Map<string, { atMs: number; status: Promise<Awaited<ReturnType<Control['status']>>> }>();
  const controlOf = (camera: string): Promise<Control> => {
    const device = registry.device(camera);
    const known = controls.get(camera);
    if (known?.device === device) return known.control;
    const control = device.ptz(AbortSignal.timeout(ASK_MS)).then((made) => {
      if (!made) throw new BoxError('ptz.not-movable', { camera });
      return made;
    });
    controls.set(camera, { device, control });
    // A failure is not kept: the camera may have been away.
    control.catch(() => controls.delete(camera));
    return control;
  };
  const statusOf = async (camera: string): Promise<Awaited<ReturnType<Control['status']>>> => {
    const nowMs = performance.now();
    const known = looks.get(camera);
    if (known && nowMs - known.atMs < STATUS_MS) return known.status;
    const status = controlOf(camera).then((control) => control.status(AbortSignal.timeout(ASK_MS)));
    looks.set(camera, { atMs: nowMs, status });
    return status;
  };
  const desk = new PtzDesk({ steering: controlOf, nowUs: () => systemClock.wallUs(), failed });
  /** Whatever moves the camera by itself needs it as a move does. */
  const steer = async (
    camera: string,
    who: Steerer,
    what: (control: Control, signal: AbortSignal) => Promise<void>,
  ) => {
    await desk.take(camera, who);
    await what(await controlOf(camera), AbortSignal.timeout(ASK_MS));
  };
  const port: PtzPort = {
    state: async (camera, who) => {
      const { abilities } = await controlOf(camera);
      const status = await statusOf(camera).catch(() => undefined);
      const lease = desk.lease(camera);
      const { continuous, relative, absolute, home, maxPresets, focus, iris } = abilities;
      return {
        continuous,
        relative,
        absolute,
        home,
        maxPresets,
        focus: focus.continuous || focus.relative || focus.absolute,
        iris,
        ...(status?.position && { position: status.position }),
        moving: lease?.moving ?? status?.moving ?? false,
        ...(lease && {
          steering: {
            by: lease.name,
            priority: lease.priority,
            since: isoOf(lease.sinceUs),
            mine: lease.name === who.name,
            takes: lease.name !== who.name && who.priority > lease.priority,
            until: isoOf(lease.untilUs),
            asked: lease.asks.some(({ name }) => name === who.name),
            asks: (lease.name === who.name ? lease.asks : []).map(({ name, priority, sinceUs }) => ({
              by: name,
              priority,
              since: isoOf(sinceUs),
            })),
          },
        }),
      };
    },
    move: (camera, who, speed, seconds) => desk.move(camera, who, given(speed), seconds * 1000),
    nudge: (camera, who, distance) => steer(camera, who, (control, signal) => control.nudge(given(distance), signal)),
    centre: (camera, who, point) => steer(camera, who, (control, signal) => control.centre(point, signal)),
    stop: (camera) => desk.stop(camera),
    take: (camera, who) => desk.take(camera, who),
    ask: async (camera, who) => desk.ask(camera, who),
    release: (camera, who) => desk.release(who.name, camera),
    goTo: (camera, who, { preset, position }) =>
      steer(camera, who, (control, signal) => {
        if (preset !== undefined) return control.goToPreset(preset, signal);
        return position ? control.goTo(given(position), signal) : control.goHome(signal);
      }),
    presets: async (camera) => {
      const all = await (await controlOf(camera)).presets(AbortSignal.timeout(ASK_MS));
      return all.map(({ token, name }) => ({ preset: token, name: name ?? token }));
    },
    setPreset: async (camera, who, name, preset) => {
      await desk.take(camera, who);
      const token = await (await controlOf(camera)).setPreset(name, AbortSignal.timeout(ASK_MS), preset);
      return { preset: token, name };
    },
    removePreset: async (camera, who, preset) => {
      await steer(camera, who, (control, signal) => control.removePreset(preset, signal));
      await pictures.remove(camera, preset);
    },
    presetPicture: (camera, preset) => pictures.get(camera, preset),
    setPresetPicture: (camera, preset, jpeg) => pictures.set(camera, preset, jpeg),
    setHome: (camera, who) => steer(camera, who, (control, signal) => control.setHome(signal)),
    lens: (camera, who, { focus, iris }) =>
      steer(camera, who, async ({ lens }, signal) => {
        if (focus === 0) await desk.stop(camera);
        else if (focus !== undefined) await desk.begin(camera, who, FOCUS_MS, () => lens.moveFocus(focus, signal));
        if (iris !== undefined) await lens.setIris(iris, signal);
      }),
  };
  return {
    port,
    lease: (camera) => desk.lease(camera),
    lost: (session) => desk.lost(session),
    close: async () => {
      await desk.close().catch((error: unknown) => failed('', error));
      const open = await Promise.allSettled([...controls.values()].map(({ control }) => control));
      const made = open.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      await Promise.allSettled(made.map((control) => control.close()));
    },
  };
}

/** Without the axes that are not named: they stay as they are. */
function given<T extends object>(vector: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(vector).filter(([, value]) => value !== undefined)) as never;
}
