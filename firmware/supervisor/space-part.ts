import { randomUUID } from 'node:crypto';
import { BoxError, firstPromise, type Clock, type Part } from '../base/index.ts';
import type { SettingsStore } from '../config/index.ts';
import type { BoxPorts } from '../control/index.ts';
import { DAY_US, type KeptFinding, type SpaceReport } from '../storage/index.ts';
import type { Problems } from '../telemetry/index.ts';
import type { CataloguePart } from './catalogue-part.ts';
import { lockPortOf, volumeIdOf } from './space-port.ts';
import type { KnownTimeFile } from './known-time-file.ts';
import type { SpaceAnswers } from './space-answers.ts';

export interface SpacePartOptions {
  readonly store: SettingsStore;
  readonly catalogue: CataloguePart;
  readonly answers: SpaceAnswers;
  readonly time: KnownTimeFile;
  readonly problems: Problems;
  readonly clock: Pick<Clock, 'wallUs'>;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

const LOOK_EVERY_MS = 5000;
/** The first check waits until the box has settled down. */
const CHECK_AFTER_MS = 10 * 60_000;
const CHECK_EVERY_MS = 3600_000;
/** An allowance that shows no effect by then has nothing left to overwrite. */
const GRANT_SETTLES_US = 30_000_000;

/** Tells people how the space of the disks is, takes their answers, and looks every hour whether what is kept is as wished. */
export class SpacePart implements Part {
  readonly name = 'space';
  readonly #options: SpacePartOptions;
  #timer: NodeJS.Timeout | undefined;
  #checkTimer: NodeJS.Timeout | undefined;
  #looking = false;
  #stopped = false;
  #subjects = new Set<string>();

  constructor(options: SpacePartOptions) {
    this.#options = options;
  }

  readonly start = firstPromise(async () => {
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
    this.#checkTimer = setTimeout(() => void this.#checkAgain(), CHECK_AFTER_MS);
  });

  readonly stop = firstPromise(async () => {
    this.#stopped = true;
    clearInterval(this.#timer);
    clearTimeout(this.#checkTimer);
  });

  health(): { state: 'ok' } {
    return { state: 'ok' };
  }

  /** What control asks of it. */
  get port(): BoxPorts['space'] {
    const { catalogue, clock } = this.#options;
    return {
      ...lockPortOf(catalogue),
      lock: ({ forUs, ...range }) => {
        const atUs = clock.wallUs();
        const until = forUs === undefined ? {} : { untilUs: atUs + forUs };
        return lockPortOf(catalogue).add({ lock: randomUUID(), atUs, ...range, ...until });
      },
      unlock: (lock) => lockPortOf(catalogue).lift(lock, clock.wallUs()),
      show: () => this.#show(),
      answer: (group, decision) => this.#answer(group, decision),
      clock: (verdict) => this.#decideClock(verdict),
    };
  }

  async #show(): ReturnType<BoxPorts['space']['show']> {
    const { store, catalogue, answers } = this.#options;
    const { volumes, groups, hold } = await catalogue.ask('space', {});
    const nameOf = (uuid: string): string => volumeIdOf(store, catalogue.folderOf(uuid)) ?? uuid;
    return {
      volumes: volumes.map(({ volume, closeBytes: _, diskCloseBytes: __, ...each }) => ({
        id: nameOf(volume),
        ...each,
        ...(each.peakBytesPerS > 0 && each.here
          ? { headroomHours: Math.max(0, each.limitBytes - each.usedBytes) / each.peakBytesPerS / 3600 }
          : {}),
      })),
      groups: groups.map(({ group, fullVolumes, asks, overwrites }) => {
        const decision = answers.all.get(group)?.decision;
        return {
          group,
          name: store.settings.cameraGroups.find(({ id }) => id === group)?.name ?? '',
          cameras: store.settings.cameras.filter(({ cameraGroup }) => cameraGroup === group).map(({ id }) => id),
          fullVolumes: fullVolumes.map(nameOf),
          asks,
          overwrites,
          ...(decision && (asks || overwrites) ? { decision } : {}),
        };
      }),
      ...(hold && { clock: { stage: hold.stage, aheadDays: daysOf(hold.aheadUs), leftHours: hold.leftS / 3600 } }),
    };
  }

  async #answer(group: string, decision: 'overwrite-once' | 'keep-stopped'): Promise<void> {
    const { catalogue, answers, clock, log } = this.#options;
    const { groups } = await catalogue.ask('space', {});
    if (!groups.find((each) => each.group === group)?.asks) throw new BoxError('space.no-question', { group });
    const totals = await catalogue.ask('volumes', {});
    const sequences = Object.fromEntries(totals.map(({ volume, lastSequence }) => [volume, lastSequence]));
    log('space.answered', { group, decision });
    await answers.set(group, { decision, atUs: clock.wallUs(), sequences });
    await catalogue.applyPolicy();
  }

  async #decideClock(verdict: 'right' | 'wrong'): Promise<void> {
    await this.#options.catalogue.ask('clockVerdict', { verdict });
    this.#options.log('space.clock-answered', { verdict });
    await this.#look();
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const report = await this.#options.catalogue.ask('space', {});
      this.#tellVolumes(report.volumes);
      for (const group of report.groups) await this.#tellGroup(group);
      await this.#tellClock(report);
      this.#forget(report);
    } catch (error) {
      this.#options.log('space.not-looked-at', { reason: String(error) });
    } finally {
      this.#looking = false;
    }
  }

  #tellVolumes(volumes: SpaceReport['volumes']): void {
    const { store, catalogue, problems } = this.#options;
    for (const { volume, state, closed, usedBytes, limitBytes, heldBytes } of volumes) {
      const subject = `volume/${volumeIdOf(store, catalogue.folderOf(volume)) ?? volume}`;
      const figures = { usedBytes: rounded(usedBytes), limitBytes: rounded(limitBytes) };
      if (state === 'stuck') {
        problems.raise('space.stuck', subject, 'error', { ...figures, heldBytes: rounded(heldBytes), closed });
      } else {
        problems.clear('space.stuck', subject);
      }
      if (state === 'short') problems.raise('space.short', subject, 'warning', figures);
      else problems.clear('space.short', subject);
    }
  }

  async #tellGroup({ group, asks, overwrites }: SpaceReport['groups'][number]): Promise<void> {
    const { answers, problems, clock } = this.#options;
    const subject = subjectOf(group);
    const answer = answers.all.get(group);
    const staysStopped = asks && answer?.decision === 'keep-stopped';
    if (asks && !staysStopped) problems.raise('space.ask', subject, 'error', { group });
    else problems.clear('space.ask', subject);
    if (staysStopped) problems.raise('space.kept-stopped', subject, 'notice', { group });
    else problems.clear('space.kept-stopped', subject);
    if (!answer) return;
    const isSpent = answer.decision === 'overwrite-once' && !overwrites;
    const isOver = isSpent ? clock.wallUs() - answer.atUs > GRANT_SETTLES_US : !asks && !overwrites;
    if (isOver) await answers.set(group, undefined);
  }

  /** Only what a box that was switched off does not explain is told to people, and only if something may go for its age. */
  async #tellClock({ known, hold }: SpaceReport): Promise<void> {
    const { store, time, problems, log } = this.#options;
    const goesByAge = store.settings.cameras.some(({ retention }) => retention.days ?? retention.eventDays);
    if (hold?.far && (goesByAge || hold.stage === 'wrong')) {
      problems.raise('space.clock-ahead', 'box', hold.stage === 'waits' ? 'error' : 'warning', {
        aheadDays: daysOf(hold.byUs),
        stage: hold.stage,
      });
    } else {
      problems.clear('space.clock-ahead', 'box');
    }
    if (!known) return;
    await time.note(known).catch((error: unknown) => log('space.time-not-written', { reason: String(error) }));
  }

  /** Groups that are in the settings no more. */
  #forget({ groups }: SpaceReport): void {
    const { problems } = this.#options;
    const now = new Set(groups.map(({ group }) => subjectOf(group)));
    for (const subject of this.#subjects) if (!now.has(subject)) problems.clearSubject(subject);
    this.#subjects = now;
  }

  async #checkAgain(): Promise<void> {
    try {
      this.#tellFindings(await this.#options.catalogue.ask('spaceCheck', {}));
    } catch (error) {
      this.#options.log('space.not-checked', { reason: String(error) });
    }
    if (!this.#stopped) this.#checkTimer = setTimeout(() => void this.#checkAgain(), CHECK_EVERY_MS);
  }

  #tellFindings(findings: readonly KeptFinding[]): void {
    const { store, problems } = this.#options;
    for (const { id } of store.settings.cameras) {
      const own = findings.filter(({ camera }) => camera === id);
      for (const what of ['too-old', 'too-young'] as const) {
        const found = own.find((finding) => finding.what === what);
        const code = `space.${what}` as const;
        if (!found) {
          problems.clear(code, `camera/${id}`);
          continue;
        }
        const { class: footage, days, expectedDays, why } = found;
        const context = { class: footage, days: Number(days.toFixed(1)), expectedDays, ...(why ? { why } : {}) };
        problems.raise(code, `camera/${id}`, 'warning', context);
      }
    }
  }
}

function daysOf(us: number): number {
  return Number((us / DAY_US).toPrecision(3));
}

function subjectOf(group: string): string {
  return `camera-group/${group}`;
}

/** Figures in problems are told anew only when they differ much. */
function rounded(bytes: number): number {
  return Number(bytes.toPrecision(2));
}
