import { busiestBytesPerS, type Flow } from './flows.ts';
import { classOf, type PlanInput } from './model.ts';
import { DAY_US, HOUR_US } from './week.ts';
import { SimulatedVolume, type Deletion, type Lane } from './simulated-volume.ts';

/** What becomes of a stream. Days are those of footage without a part of it deleted. */
export interface SimulatedStream {
  readonly camera: string;
  readonly stream: string;
  readonly bytesPerDay: number;
  readonly volumes: readonly string[];
  readonly keptNowDays: number;
  /** Mean, and the least, over the last week of the simulated time. */
  readonly days: number;
  readonly leastDays: number;
  /** What bounds it: the age that is set, the size that is set, or the room on the disks; nothing: it is kept longer than that. */
  readonly boundBy: 'age' | 'size' | 'space' | 'nothing';
  /** When footage younger than wished is deleted for the first time. */
  readonly breaksAtUs: number | undefined;
  /** When recording stops for want of room. */
  readonly stopsAtUs: number | undefined;
}

export interface SimulatedDisk {
  readonly id: string;
  /** What segments may take before deletion begins. */
  readonly roomBytes: number;
  readonly usedBytes: number;
  readonly bytesPerDay: number;
  /** When deletion begins for want of room; undefined: not in the simulated time. */
  readonly fillsAtUs: number | undefined;
}

export interface Simulation {
  readonly streams: readonly SimulatedStream[];
  readonly volumes: readonly SimulatedDisk[];
  /** Nothing is told closer than this. */
  readonly stepUs: number;
}

export interface SimulationOptions {
  /** In how many steps a disk is written over once. A step is deleted at once, so that few of them tell too much or too little. */
  readonly stepsPerTurn: number;
  /** How much more than its mean a stream writes to a volume; 1: as much. */
  readonly factor?: (flow: Flow, volume: string) => number;
}

const WEEK_US = 7 * DAY_US;
const MOST_STEPS = 3000;
const SHORTEST_STEP_US = 60_000_000;
const LONGEST_US = 800 * DAY_US;
/** Of the busiest hour, the fastest minute is so much faster. */
const PEAK = 1.3;

/** Lets time pass over the disks: streams write, retention deletes, until everything has been written over, and a week more. */
export function simulate(input: PlanInput, flows: readonly Flow[], options: SimulationOptions): Simulation {
  return new Run(input, flows, options).finish();
}

interface Place {
  readonly volume: SimulatedVolume;
  readonly lane: Lane;
  readonly share: number;
}

/** How a stream fares in the course of a simulation. */
class Track {
  readonly flow: Flow;
  /** Where it writes, and what part of what it sends. */
  readonly places: readonly Place[];
  begunUs: number;
  keptNowDays = 0;
  boundBy: SimulatedStream['boundBy'] = 'nothing';
  breaksAtUs: number | undefined;
  stopsAtUs: number | undefined;
  writtenBytes = 0;
  readonly #deletedUntilUs = new Map<string, number>();
  #sumDays = 0;
  #leastDays = Infinity;
  #looks = 0;

  constructor(flow: Flow, places: readonly Place[], nowUs: number) {
    this.flow = flow;
    this.places = places;
    this.begunUs = nowUs;
    for (const { volume } of flow.homes) this.#deletedUntilUs.set(volume, -Infinity);
  }

  deleted(volume: string, { endUs, why }: Pick<Deletion, 'endUs' | 'why'>, nowUs: number): void {
    const { wishDays } = this.flow.camera;
    this.#deletedUntilUs.set(volume, Math.max(endUs, this.#deletedUntilUs.get(volume) ?? -Infinity));
    this.boundBy = why;
    if (wishDays !== undefined && this.keptDays(nowUs) < wishDays) this.breaksAtUs ??= nowUs;
  }

  /** For how long back nothing is deleted; of two copies, that of the better one. */
  keptDays(nowUs: number): number {
    const { homes, camera } = this.flow;
    const isCopied = camera.copies === 2 && homes.length === 2;
    const untils = isCopied
      ? homes.map(({ volume }) => this.#deletedUntilUs.get(volume)!)
      : [...this.#deletedUntilUs.values()];
    const untilUs = isCopied ? Math.min(...untils) : Math.max(-Infinity, ...untils);
    return Math.max(0, nowUs - Math.max(this.begunUs, untilUs)) / DAY_US;
  }

  look(nowUs: number): void {
    const days = this.keptDays(nowUs);
    this.#sumDays += days;
    this.#leastDays = Math.min(this.#leastDays, days);
    this.#looks++;
  }

  report(): SimulatedStream {
    const { camera, stream, bytesPerDay, homes } = this.flow;
    return {
      camera: camera.id,
      stream,
      bytesPerDay: bytesPerDay * camera.copies,
      volumes: homes.map(({ volume }) => volume),
      keptNowDays: this.keptNowDays,
      days: this.#sumDays / Math.max(1, this.#looks),
      leastDays: Math.min(this.#leastDays, this.#sumDays),
      boundBy: this.boundBy,
      breaksAtUs: this.breaksAtUs,
      stopsAtUs: this.stopsAtUs,
    };
  }
}

class Run {
  readonly #input: PlanInput;
  readonly #volumes: Map<string, SimulatedVolume>;
  readonly #tracks: Map<string, Track>;
  readonly #fillsAtUs = new Map<string, number>();
  readonly #perDay: Map<string, number>;
  readonly #stepUs: number;
  readonly #steps: number;

  constructor(input: PlanInput, flows: readonly Flow[], { stepsPerTurn, factor = () => 1 }: SimulationOptions) {
    this.#input = input;
    this.#perDay = new Map(input.volumes.map(({ id }) => [id, writtenPerDay(flows, id, factor)]));
    const total = [...this.#perDay.values()].reduce((sum, bytes) => sum + bytes, 0);
    const busiest = busiestBytesPerS(input) * PEAK;
    const cameras = new Map(input.cameras.map((camera) => [camera.id, camera]));
    this.#volumes = new Map(
      input.volumes.map((volume) => {
        const perDay = this.#perDay.get(volume.id)!;
        const guess = total > 0 ? (busiest * perDay) / total : 0;
        const rates = { bytesPerS: perDay / 86_400, peakBytesPerS: volume.peakBytesPerS ?? guess };
        return [volume.id, new SimulatedVolume(volume, rates, cameras)];
      }),
    );
    this.#tracks = new Map(
      flows.map((flow) => {
        const places = flow.homes.map(({ volume: id, share }): Place => {
          const volume = this.#volumes.get(id)!;
          const lane = volume.lane(flow.camera.id, flow.stream, flow.class);
          return { volume, lane, share: share * factor(flow, id) };
        });
        return [`${flow.camera.id}/${flow.stream}`, new Track(flow, places, input.nowUs)];
      }),
    );
    const turnUs = this.#turnUs();
    const horizonUs = Math.min(LONGEST_US, 2 * turnUs + WEEK_US);
    const wanted = Math.min(DAY_US, Math.max(SHORTEST_STEP_US, turnUs / stepsPerTurn));
    this.#stepUs = Math.max(wanted, horizonUs / MOST_STEPS);
    this.#steps = Math.ceil(horizonUs / this.#stepUs);
  }

  finish(): Simulation {
    const { nowUs, volumes } = this.#input;
    this.#seed();
    const used = new Map([...this.#volumes].map(([id, { usedBytes }]) => [id, usedBytes]));
    const lastWeek = this.#steps - Math.ceil(WEEK_US / this.#stepUs);
    for (let step = 1; step <= this.#steps; step++) {
      const atUs = nowUs + step * this.#stepUs;
      this.#write(atUs - this.#stepUs, atUs);
      this.#trim(atUs);
      if (step > lastWeek) for (const track of this.#tracks.values()) track.look(atUs);
    }
    return {
      stepUs: this.#stepUs,
      streams: [...this.#tracks.values()].map((track) => track.report()),
      volumes: volumes.map(({ id }) => ({
        id,
        roomBytes: this.#volumes.get(id)!.marks.highBytes,
        usedBytes: used.get(id)!,
        bytesPerDay: this.#perDay.get(id)!,
        fillsAtUs: this.#fillsAtUs.get(id),
      })),
    };
  }

  /** What is there already. Footage of cameras that are gone stands in the way as well. */
  #seed(): void {
    const { cameras, kept, nowUs } = this.#input;
    const byId = new Map(cameras.map((camera) => [camera.id, camera]));
    for (const piece of [...kept].sort((a, b) => a.startUs - b.startUs)) {
      const camera = byId.get(piece.camera);
      const volume = this.#volumes.get(piece.volume);
      volume?.add(volume.lane(piece.camera, piece.stream, camera ? classOf(camera) : 'continuous'), piece);
      const track = this.#tracks.get(`${piece.camera}/${piece.stream}`);
      if (track) track.begunUs = Math.min(track.begunUs, piece.startUs);
    }
    for (const track of this.#tracks.values()) track.keptNowDays = track.keptDays(nowUs);
  }

  /** The longest that a volume takes to be written over once. */
  #turnUs(): number {
    const turns = [...this.#volumes].map(([id, { marks }]) => {
      const perDay = this.#perDay.get(id)!;
      return perDay > 0 ? (marks.highBytes / perDay) * DAY_US : 0;
    });
    return Math.min(LONGEST_US / 2, Math.max(HOUR_US, ...turns));
  }

  #write(fromUs: number, toUs: number): void {
    for (const track of this.#tracks.values()) {
      const { camera, bytesUntil } = track.flow;
      const until = bytesUntil(toUs);
      const bytes = until - track.writtenBytes;
      track.writtenBytes = until;
      if (bytes <= 0) continue;
      for (const { volume, lane, share } of track.places) {
        if (volume.isClosedFor(camera)) track.stopsAtUs ??= fromUs;
        else volume.add(lane, { startUs: fromUs, endUs: toUs, bytes: bytes * share });
      }
    }
  }

  #trim(nowUs: number): void {
    const excess = this.#excess();
    for (const [id, volume] of this.#volumes) {
      if (volume.usedBytes > volume.marks.highBytes && !this.#fillsAtUs.has(id)) this.#fillsAtUs.set(id, nowUs);
      const own = (camera: string): number => {
        const over = excess.get(camera);
        return over?.volume === id ? over.bytes : 0;
      };
      for (const { lane, endUs, why } of volume.trim(nowUs, own)) {
        this.#tracks.get(`${lane.camera}/${lane.stream}`)?.deleted(id, { endUs, why }, nowUs);
      }
    }
  }

  /** What cameras have beyond their size, each charged to the volume with its oldest footage. */
  #excess(): Map<string, { volume: string; bytes: number }> {
    const excess = new Map<string, { volume: string; bytes: number }>();
    for (const { id, maxBytes } of this.#input.cameras) {
      if (maxBytes === undefined) continue;
      let total = 0;
      let oldest: { volume: string; atUs: number } | undefined;
      for (const [volume, simulated] of this.#volumes) {
        total += simulated.bytesOf(id);
        const atUs = simulated.oldestUs(id);
        if (atUs !== undefined && atUs < (oldest?.atUs ?? Infinity)) oldest = { volume, atUs };
      }
      if (oldest && total > maxBytes) excess.set(id, { volume: oldest.volume, bytes: total - maxBytes });
    }
    return excess;
  }
}

function writtenPerDay(
  flows: readonly Flow[],
  volume: string,
  factor: NonNullable<SimulationOptions['factor']>,
): number {
  let sum = 0;
  for (const flow of flows) {
    for (const home of flow.homes) {
      if (home.volume === volume) sum += flow.bytesPerDay * home.share * factor(flow, volume);
    }
  }
  return sum;
}
