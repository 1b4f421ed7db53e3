import type { Clock } from '../../base/index.ts';
import { ArrivalFit } from './arrival-fit.ts';
import { unixUsOf, type SenderReport } from './rtcp.ts';
import { Timeline } from './timeline.ts';

/** A sender report is believed if its time moved as arrival did, up to this. */
const REPORT_STEP_US = 1e6;
/** A clock that was set keeps its new time: so many reports that agree with each other replace the former relation. */
const REPORTS_TO_AGREE = 3;
/** Two tracks of one camera cannot differ by more than this; if their reports say so, one of them is wrong. */
const BELIEVABLE_US = 5e6;
/** A report older than this no longer speaks for its track. */
const REPORT_LIFE_US = 60e6;
/** Tracks are moved together by at most this share of the elapsed time ... */
const SLEW = 0.005;
/** ... unless they are further apart than this by their arrival: then at once. */
const HOPELESS_US = 3e6;
/** Differences of arrival below this are the network's. */
const ARRIVAL_SLACK_US = 40e3;
/** The leading track follows its media clock up to this distance from arrival; beyond, its clock rate is not what it says. */
const LEAD_SLACK_US = 1e6;
const LEAD_CLOSING_US = 5e6;
const LEAD_LIMIT = 0.25;

/** One track's part in a session. */
export class TrackClock {
  readonly timeline: Timeline;
  readonly video: boolean;
  readonly #session: SessionClock;
  #lastArrivalUs = Number.NaN;
  #relationUs = Number.NaN;
  #strangeUs = Number.NaN;
  #strangeCount = 0;
  /** The newest believed report: what the camera's clock and the session's timeline said at one instant. */
  report: { cameraUs: number; sessionUs: number; relationUs: number; arrivalUs: number } | undefined;

  constructor(session: SessionClock, timeline: Timeline, video: boolean) {
    this.#session = session;
    this.timeline = timeline;
    this.video = video;
  }

  /** A unit of this arrival has begun and will be stamped when it is whole: the session must not begin behind it. */
  expect(arrivalUs: number): void {
    this.#session.originUs(arrivalUs);
  }

  /** Session time in RTP ticks of the access unit or packet with this RTP time stamp. */
  stamp(timestamp: number, arrivalUs: number): number {
    const ticks = this.timeline.stamp(timestamp, arrivalUs);
    const elapsedUs = Number.isNaN(this.#lastArrivalUs) ? 0 : Math.max(0, arrivalUs - this.#lastArrivalUs);
    this.#lastArrivalUs = arrivalUs;
    if (elapsedUs > 0) this.#session.align(this, arrivalUs, elapsedUs);
    return ticks;
  }

  senderReport(report: SenderReport, arrivalUs: number): void {
    const cameraUs = unixUsOf(report);
    const relationUs = cameraUs - arrivalUs;
    if (!this.#believes(relationUs)) return;
    this.#relationUs = relationUs;
    this.#session.cameraClock(relationUs, arrivalUs);
    const sessionUs = this.timeline.peekUs(report.rtpTimestamp, 2 * BELIEVABLE_US);
    if (sessionUs !== undefined) this.report = { cameraUs, sessionUs, relationUs, arrivalUs };
  }

  /** Moves the track on the session's timeline, later if positive. */
  shift(us: number): void {
    this.timeline.shift(us);
    if (this.report) this.report.sessionUs += us;
  }

  #believes(relationUs: number): boolean {
    const steady = Math.abs(relationUs - this.#relationUs) <= REPORT_STEP_US;
    if (steady || Number.isNaN(this.#relationUs)) {
      this.#strangeCount = 0;
      return true;
    }
    const agrees = Math.abs(relationUs - this.#strangeUs) <= REPORT_STEP_US;
    this.#strangeCount = agrees ? this.#strangeCount + 1 : 1;
    this.#strangeUs = relationUs;
    if (this.#strangeCount < REPORTS_TO_AGREE) return false;
    this.#strangeCount = 0;
    return true;
  }
}

/**
 * The timeline that all tracks of one RTSP session share. Its zero is the arrival of the first frame. The leading track (the
 * video, if there is one) runs on its media clock; the others are tied to it by their first arrival, then by sender reports if
 * these are sane, else by arrival, and moved slowly.
 */
export class SessionClock {
  readonly #clock: Pick<Clock, 'wallUs' | 'monoUs'> | undefined;
  readonly #tracks: TrackClock[] = [];
  #originUs = Number.NaN;
  #clockOffsetUs: number | undefined;

  /** With a clock given, `clockOffsetUs` is measured. */
  constructor(clock?: Pick<Clock, 'wallUs' | 'monoUs'>) {
    this.#clock = clock;
  }

  /** A new track with this RTP clock rate. */
  join(kind: 'video' | 'audio', clockRate: number): TrackClock {
    const timeline = new Timeline(this, clockRate, new ArrivalFit());
    const track = new TrackClock(this, timeline, kind === 'video');
    this.#tracks.push(track);
    return track;
  }

  /** Monotonic time of the session's zero; set by the first frame. */
  originUs(arrivalUs: number): number {
    if (Number.isNaN(this.#originUs)) this.#originUs = arrivalUs;
    return this.#originUs;
  }

  /** True once a frame has arrived: before, the answers of this clock mean nothing. */
  get begun(): boolean {
    return !Number.isNaN(this.#originUs);
  }

  /**
   * Monotonic time (Clock.monoUs) at which media of this session time arrives if nothing delays it: a slowly moving estimate
   * that takes up the drift between the camera's clock and ours.
   */
  mediaToMonoUs(mediaUs: number): number {
    return mediaUs + (this.#lead()?.timeline.fit.lagUs ?? this.#originUs);
  }

  /** By how much the camera's clock is ahead of ours in UTC, from its sender reports; undefined if it sends none. */
  get clockOffsetUs(): number | undefined {
    return this.#clockOffsetUs;
  }

  /** Called for each frame: moves a track towards where it belongs. */
  align(track: TrackClock, arrivalUs: number, elapsedUs: number): void {
    const lead = this.#lead();
    if (!lead) return;
    if (track === lead) this.#restrain(track, elapsedUs);
    else this.#approach(track, lead, arrivalUs, elapsedUs);
  }

  /** A believed sender report: camera time minus monotonic arrival time. */
  cameraClock(relationUs: number, arrivalUs: number): void {
    if (!this.#clock) return;
    const ourWallUs = this.#clock.wallUs() - (this.#clock.monoUs() - arrivalUs);
    this.#clockOffsetUs = Math.round(relationUs + arrivalUs - ourWallUs);
  }

  #lead(): TrackClock | undefined {
    let lead: TrackClock | undefined;
    for (const track of this.#tracks) {
      if (!track.timeline.fit.known) continue;
      if (track.video) return track;
      lead ??= track;
    }
    return lead;
  }

  /** Keeps the leading track near arrival, should its clock not run at its nominal rate. */
  #restrain(track: TrackClock, elapsedUs: number): void {
    const lagUs = track.timeline.fit.lagUs - this.#originUs;
    const excess = Math.abs(lagUs) - LEAD_SLACK_US;
    if (excess <= 0) return;
    const move = Math.min(excess, elapsedUs * Math.min(LEAD_LIMIT, excess / LEAD_CLOSING_US));
    track.shift(Math.sign(lagUs) * move);
  }

  #approach(track: TrackClock, lead: TrackClock, arrivalUs: number, elapsedUs: number): void {
    const byReport = errorByReports(track, lead, arrivalUs);
    if (byReport !== undefined) {
      slew(track, byReport, elapsedUs);
      return;
    }
    const early = lead.timeline.fit.lagUs - track.timeline.fit.lagUs;
    if (Math.abs(early) > HOPELESS_US) track.shift(-early);
    else if (Math.abs(early) > ARRIVAL_SLACK_US) slew(track, early, elapsedUs);
  }
}

/** By how much the track lies too late on the timeline compared with the leading one; undefined without two reports that go together. */
function errorByReports(track: TrackClock, lead: TrackClock, nowUs: number): number | undefined {
  const own = track.report;
  const other = lead.report;
  if (!own || !other) return undefined;
  if (nowUs - own.arrivalUs > REPORT_LIFE_US || nowUs - other.arrivalUs > REPORT_LIFE_US) return undefined;
  // Both tracks are stamped by one clock; if only one report has seen it being set, they cannot be compared.
  if (Math.abs(own.relationUs - other.relationUs) > REPORT_STEP_US) return undefined;
  const error = own.sessionUs - other.sessionUs - (own.cameraUs - other.cameraUs);
  return Math.abs(error) <= BELIEVABLE_US ? error : undefined;
}

function slew(track: TrackClock, errorUs: number, elapsedUs: number): void {
  const limit = elapsedUs * SLEW;
  track.shift(Math.max(-limit, Math.min(limit, -errorUs)));
}
