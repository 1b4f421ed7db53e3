import { BoxError, firstPromise, type Clock, type Part } from '../base/index.ts';
import type { SettingsStore } from '../config/index.ts';
import { isoOf, type BoxPorts } from '../control/index.ts';
import {
  applyChange,
  brokenWishes,
  DAY_US,
  HOUR_US,
  type Forecast,
  type Plan,
  type PlanningTask,
  PlanningThread,
  type Proposal,
} from '../planning/index.ts';
import type { RecorderReport } from '../recording/index.ts';
import type { Problems } from '../telemetry/index.ts';
import type { CatalogueDesk } from './footage.ts';

export interface PlanningPartOptions {
  readonly store: SettingsStore;
  readonly catalogue: Pick<CatalogueDesk, 'ask'>;
  readonly problems: Problems;
  readonly clock: Pick<Clock, 'wallUs'>;
  readonly report: () => Promise<RecorderReport>;
  /** When the mode of a camera was changed last, as far as it is known. */
  readonly promisedSinceUs: (camera: string) => number;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

/** The first look waits until the box has settled down. */
const LOOK_AFTER_MS = 5 * 60_000;
const LOOK_EVERY_MS = 3600_000;
/** Wishes that will be broken later than that are not worth a word yet. */
const WARN_US = 30 * DAY_US;
/** Rates are taken from so many whole days. */
const MEASURED_DAYS = 42;

/** Plans on request, and looks every hour whether a wish is going to be broken. */
export class PlanningPart implements Part {
  readonly name = 'planning';
  readonly #options: PlanningPartOptions;
  readonly #thread = new PlanningThread();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #warned = new Set<string>();

  constructor(options: PlanningPartOptions) {
    this.#options = options;
  }

  readonly start = firstPromise(async () => {
    this.#timer = setTimeout(() => void this.#lookAgain(), LOOK_AFTER_MS);
  });

  readonly stop = firstPromise(async () => {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#thread.stop();
  });

  /** What control asks of it. */
  get port(): BoxPorts['planning'] {
    return {
      show: async () => shownForecast(await this.look()),
      propose: async (wishes) => shownPlan(await this.#thread.plan(await this.#task(wishes))),
      apply: (proposals, wishes) => this.#apply(proposals, wishes),
    };
  }

  /** Makes a forecast, and says which wishes it breaks. Rejects like the catalogue and the recorder. */
  async look(): Promise<Forecast> {
    const { problems, clock } = this.#options;
    const made = await this.#thread.forecast(await this.#task());
    const broken = brokenWishes(made, clock.wallUs() + WARN_US);
    for (const { camera, wishDays, days, breaksAtUs, stopsAtUs } of broken) {
      // To the day: figures that hardly change are no news.
      const atUs = Math.min(breaksAtUs ?? Infinity, stopsAtUs ?? Infinity);
      problems.raise('planning.wish-at-risk', `camera/${camera}`, 'warning', {
        wishDays,
        days: Math.round(days),
        from: isoOf(atUs).slice(0, 10),
      });
    }
    const now = new Set(broken.map(({ camera }) => camera));
    for (const camera of this.#warned)
      if (!now.has(camera)) problems.clear('planning.wish-at-risk', `camera/${camera}`);
    this.#warned = now;
    return made;
  }

  async #lookAgain(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      this.#options.log('planning.not-looked', { reason: String(error) });
    }
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#lookAgain(), LOOK_EVERY_MS);
  }

  async #apply(wanted: readonly string[], wishes: ReadonlyMap<string, number>): Promise<string[]> {
    const { store, log } = this.#options;
    const plan = await this.#thread.plan(await this.#task(wishes));
    const known = new Map([...plan.recommended, ...plan.alternatives].map((proposal) => [proposal.id, proposal]));
    const recommended = plan.recommended.map(({ id }) => id);
    const ids = [...new Set(wanted.flatMap((id) => (id === 'recommended' ? recommended : [id])))];
    const chosen = ids.map((id) => {
      const proposal = known.get(id);
      if (!proposal) throw new BoxError('planning.no-such-proposal', { proposal: id, known: [...known.keys()] });
      if (!proposal.applicable) throw new BoxError('planning.by-hand', { proposal: id });
      return proposal;
    });
    await store.update((draft) => {
      for (const camera of draft.cameras) {
        const days = wishes.get(camera.id);
        if (days !== undefined) camera.wishDays = days;
      }
      for (const { change } of chosen) applyChange(draft, change);
    });
    log('planning.applied', { proposals: ids, wishes: Object.fromEntries(wishes) });
    return ids;
  }

  /** What was measured goes on as it came: rows of weeks are not looked at in this thread. */
  async #task(wishes: ReadonlyMap<string, number> = new Map()): Promise<Omit<PlanningTask, 'want'>> {
    const { store, catalogue, clock, report, promisedSinceUs } = this.#options;
    const nowUs = clock.wallUs();
    // Whole days, so that what is older can be had by days.
    const fromHour = (Math.floor(nowUs / DAY_US) - MEASURED_DAYS) * (DAY_US / HOUR_US);
    const [recorder, hours, keptDays, space] = await Promise.all([
      report(),
      catalogue.ask('packedHours', { fromHour }),
      catalogue.ask('keptDays', {}),
      catalogue.ask('space', {}),
    ]);
    const idOf = new Map(recorder.volumes.map(({ id, uuid }) => [uuid, id]));
    const readOnly = new Set(store.settings.volumes.filter((volume) => volume.readOnly).map(({ id }) => id));
    const named = <T extends { places: readonly { volume: string }[] }>(rows: T): T => ({
      ...rows,
      places: rows.places.map((place) => ({ ...place, volume: idOf.get(place.volume) ?? place.volume })),
    });
    return {
      settings: store.settings,
      nowUs,
      volumes: recorder.volumes.flatMap(({ id, uuid, space: room }) => {
        const known = space.volumes.find(({ volume }) => volume === uuid);
        if (!room || !known || readOnly.has(id)) return [];
        const { totalBytes, freeBytes } = room;
        const peak = known.peakBytesPerS > 0 ? known.peakBytesPerS : undefined;
        return [{ id, totalBytes, freeBytes, segmentBytes: known.usedBytes, peakBytesPerS: peak }];
      }),
      hours: named(hours),
      keptDays: named(keptDays),
      sameSinceUs: new Map(store.settings.cameras.map(({ id }) => [id, promisedSinceUs(id)])),
      bitsPerS: new Map(
        recorder.streams.flatMap(({ camera, stream, bitsPerSecond }) => {
          return bitsPerSecond === undefined ? [] : [[`${camera}/${stream}`, bitsPerSecond] as const];
        }),
      ),
      wishes,
    };
  }
}

function shownForecast({ madeUs, cameras, volumes }: Forecast): Awaited<ReturnType<BoxPorts['planning']['show']>> {
  return {
    made: isoOf(madeUs),
    cameras: cameras.map(({ wishDays, breaksAtUs, stopsAtUs, volumes: ids, ...camera }) => ({
      ...camera,
      volumes: [...ids],
      ...(wishDays === undefined ? {} : { wishDays }),
      ...(breaksAtUs === undefined ? {} : { breaksAt: isoOf(breaksAtUs) }),
      ...(stopsAtUs === undefined ? {} : { stopsAt: isoOf(stopsAtUs) }),
    })),
    volumes: volumes.map(({ fillsAtUs, ...volume }) => ({
      ...volume,
      ...(fillsAtUs === undefined ? {} : { fillsAt: isoOf(fillsAtUs) }),
    })),
  };
}

function shownPlan(plan: Plan): Awaited<ReturnType<BoxPorts['planning']['propose']>> {
  const shown = ({ effects, ...proposal }: Proposal) => ({ ...proposal, effects: [...effects] });
  return {
    ...plan,
    cameras: plan.cameras.map(({ wishDays, ...camera }) => ({
      ...camera,
      ...(wishDays === undefined ? {} : { wishDays }),
    })),
    recommended: plan.recommended.map(shown),
    alternatives: plan.alternatives.map(shown),
  };
}
