import type { z } from 'zod';
import { jobOutline, type BoxStatus, type Job } from '../control/index.ts';
import { TOPICS, type Topic } from './live-messages.ts';

/** One thing that a topic tells of, as the text that goes out. */
export interface Item {
  readonly json: string;
  /** The same for those who do not see every camera, or may only know of a job that it runs. */
  readonly narrowJson?: string;
  /** Of the camera that it is about: seen only by those who may know of it. */
  readonly camera?: string;
  /** The job that it is: seen only by those who may know of it. */
  readonly job?: Pick<Job, 'by' | 'operation'>;
}

export type Items = ReadonlyMap<string, Item>;
export type LiveState = Readonly<Record<Topic, Items>>;

export interface Change {
  readonly set: Items;
  /** With what they were about, so that only those hear of it who knew of them. */
  readonly gone: Items;
}

export function noState(): LiveState {
  return { status: new Map(), problems: new Map(), jobs: new Map() };
}

/** The state of the box as items: `box`, `camera/<id>/<stream>`, `volume/<id>`; problems by code and subject; jobs by id. */
export function liveStateOf(status: z.output<typeof BoxStatus>, jobs: readonly Job[]): LiveState {
  const { cameras, volumes, problems, ...box } = status;
  const { recording: _recording, expected: _expected, ...narrowBox } = box;
  const item = (value: unknown, about: Omit<Item, 'json'> = {}): Item => ({ json: JSON.stringify(value), ...about });
  return {
    status: new Map([
      // How many cameras there are is for those who see them all; others count their own.
      ['box', { ...item(box), narrowJson: JSON.stringify(narrowBox) }],
      ...cameras.map((each): [string, Item] => [`camera/${each.id}/${each.stream}`, item(each, { camera: each.id })]),
      ...volumes.map((each): [string, Item] => [`volume/${each.id}`, item(each)]),
    ]),
    problems: new Map(
      problems.map((each) => [`${each.code} ${each.subject}`, item(each, cameraOf(each.subject))] as const),
    ),
    jobs: new Map(
      jobs.map(
        (each) => [each.id, { ...item(each, { job: each }), narrowJson: JSON.stringify(jobOutline(each)) }] as const,
      ),
    ),
  };
}

/** `camera/<id>` and what stands below it. */
function cameraOf(subject: string): Pick<Item, 'camera'> {
  const camera = /^camera\/([^/]+)/.exec(subject)?.[1];
  return camera === undefined ? {} : { camera };
}

/** What differs, by topic; topics without a difference are left out. */
export function changesBetween(before: LiveState, now: LiveState): Map<Topic, Change> {
  const changes = new Map<Topic, Change>();
  for (const topic of TOPICS) {
    const set = new Map([...now[topic]].filter(([key, { json }]) => before[topic].get(key)?.json !== json));
    const gone = new Map([...before[topic]].filter(([key]) => !now[topic].has(key)));
    if (set.size > 0 || gone.size > 0) changes.set(topic, { set, gone });
  }
  return changes;
}

/** An object of the items, made of their texts: of those that are not whole, the narrower one. */
export function objectText(items: Iterable<readonly [string, Item]>, isWhole: (item: Item) => boolean): string {
  const textOf = (item: Item): string => (isWhole(item) ? item.json : (item.narrowJson ?? item.json));
  return `{${Array.from(items, ([key, item]) => `${JSON.stringify(key)}:${textOf(item)}`).join(',')}}`;
}
