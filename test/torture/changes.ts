import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Control } from '../../firmware/control/index.ts';
import { cameraAt } from '../support/box.ts';
import { skipWithout } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { BoxProcess } from './box-process.ts';
import { changeGroups, NOBODY, NOT_CHANGED, STANDING, type Group } from './change-groups.ts';
import { ChangedBox } from './changed-box.ts';
import type { Lab, Outcome, Scenario } from './lab.ts';
import { writeCameras } from './scene.ts';

const CLAIM = { user: 'owner', password: 'violet-tram-crossing', boxName: 'Depot', timeZone: 'Europe/Berlin' };

/** Somebody changes the box in every way there is, all at once, and it dies at random instants. */
export const changes: Scenario = {
  name: 'changes',
  what: 'kill -9 in the middle of every operation that changes something',
  rounds: 300,
  skip: () => skipWithout('openssl'),
  run: async (lab, outcome) => {
    const folder = await tempFolder(lab, 'torture-changes');
    const data = join(folder, 'data');
    await mkdir(join(folder, 'second'));
    await writeCameras(data, [cameraAt(STANDING, NOBODY)]);
    const courses = changeGroups(folder).map((group) => new Course(group, outcome));
    const together = courses.filter(({ group }) => !group.alone);
    const alone = courses.filter(({ group }) => group.alone);
    // The last rounds: what is imported are settings as a whole.
    const last = Math.max(1, Math.round(lab.rounds / 5));
    await rounds(lab, data, { courses: together, count: lab.rounds - last }, outcome);
    await rounds(lab, data, { courses: alone, count: last }, outcome);
    const claims = Math.max(1, Math.round(lab.rounds / 10));
    for (let round = 0; round < claims; round++) await claim(lab, join(folder, `claim-${round}`), outcome);
    tellCuts(courses, outcome);
  },
};

/** Operations with an effect that no group runs and nobody has given a reason for, and reasons for what is run or is not there. */
export function unknownChanges(): { missing: string[]; stale: string[] } {
  const run = new Set(changeGroups('/').flatMap(({ steps }) => steps.map(({ operation }) => operation)));
  const known = Control.describe().filter(({ effect }) => effect !== 'read');
  return {
    missing: known.map(({ name }) => name).filter((name) => !run.has(name) && !(name in NOT_CHANGED)),
    stale: Object.keys(NOT_CHANGED).filter((name) => run.has(name) || !known.some((each) => each.name === name)),
  };
}

/** Where a group stands: what was answered, and what may have been done besides. */
class Course {
  readonly group: Group;
  readonly cuts = new Map<string, number>();
  readonly #outcome: Outcome;
  #state: unknown;
  #at = 0;
  answered = 0;

  constructor(group: Group, outcome: Outcome) {
    this.group = group;
    this.#outcome = outcome;
    this.#state = group.initial;
  }

  /** Does one step after another until the box is dead. */
  async run(box: ChangedBox, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const step = this.group.steps[this.#at]!;
      try {
        await step.run(box);
      } catch (error) {
        const name = step.operation ?? this.group.name;
        if (isOver()) this.cuts.set(name, (this.cuts.get(name) ?? 0) + 1);
        else this.#outcome.faults.push(`${this.group.name}: ${name} failed: ${String(error)}`);
        return;
      }
      this.#state = step.next(this.#state);
      this.#at = (this.#at + 1) % this.group.steps.length;
      this.answered++;
    }
  }

  /** After a restart: what was answered holds, and what was under way is there as a whole or not at all. */
  async look(box: ChangedBox, wasCut: boolean): Promise<void> {
    const { group } = this;
    const found = await group.read(box);
    if (isSame(found, this.#state)) return;
    const step = group.steps[this.#at]!;
    const after = step.next(this.#state);
    if (wasCut && isSame(found, after)) {
      this.#state = after;
      this.#at = (this.#at + 1) % group.steps.length;
      return;
    }
    const [is, old, young] = [found, this.#state, after].map((each) => JSON.stringify(each));
    this.#outcome.faults.push(`${group.name}: ${is} after ${step.operation}; it was ${old}, to be ${young}`);
    throw new Error(`${group.name} cannot go on`);
  }
}

/** Each start is the look at what the blow before has left, and the beginning of the next round. */
async function rounds(
  lab: Lab,
  data: string,
  { courses, count }: { courses: readonly Course[]; count: number },
  outcome: Outcome,
): Promise<void> {
  let box = await boxOn(lab, data);
  for (const { group } of courses) await group.prepare?.(box);
  for (const course of courses) await course.look(box, false);
  for (let round = 0; round < count; round++) {
    let dead = false;
    const running = courses.map((course) => course.run(box, () => dead));
    await sleep(lab.random.between(20, lab.brief ? 700 : 1500));
    dead = true;
    await box.process.kill();
    await Promise.all(running);
    outcome.rounds++;
    box = await boxOn(lab, data);
    for (const course of courses) await course.look(box, true);
  }
  await box.process.kill();
}

/** A box that dies while it is set up has been set up afterwards, with all that was chosen, or not at all. */
async function claim(lab: Lab, data: string, outcome: Outcome): Promise<void> {
  const first = await boxOn(lab, data);
  const { claimCode } = (await first.call('box.claimed')) as { claimCode: string };
  const answer = first.call('box.claim', { ...CLAIM, claimCode }).then(
    () => true,
    () => false,
  );
  await sleep(lab.random.between(0, 250));
  await first.process.kill();
  const done = await answer;
  const again = await boxOn(lab, data);
  const { claimed } = (await again.call('box.claimed')) as { claimed: boolean };
  const users = ((await again.call('users.list')) as { name: string }[]).map(({ name }) => name).join(' ');
  const { box, site } = (await again.call('config.get')) as { box: { name: string }; site: { timeZone: string } };
  const found = JSON.stringify([claimed, users, box.name, site.timeZone]);
  const wanted = [
    JSON.stringify([true, CLAIM.user, CLAIM.boxName, CLAIM.timeZone]),
    ...(done ? [] : [JSON.stringify([false, '', 'IPVS box', 'UTC'])]),
  ];
  outcome.expect(wanted.includes(found), `box.claim: ${found}${done ? ', though it was answered' : ''}`);
  await again.process.kill();
}

async function boxOn(lab: Lab, data: string): Promise<ChangedBox> {
  return new ChangedBox(await BoxProcess.start(lab, data));
}

function tellCuts(courses: readonly Course[], outcome: Outcome): void {
  const cuts = courses.flatMap((course) => [...course.cuts]);
  outcome.notes['answered'] = courses.reduce((sum, { answered }) => sum + answered, 0);
  outcome.notes['cut short'] = cuts.reduce((sum, [, count]) => sum + count, 0);
  outcome.notes['operations cut short'] = new Set(cuts.map(([name]) => name)).size;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
