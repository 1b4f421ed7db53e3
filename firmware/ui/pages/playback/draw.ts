import { boxNow } from '../../box/client.ts';
import { clock, day, minute } from '../../words/format.ts';
import type { Footage, Span } from './footage.ts';
import { ticksOf } from './ticks.ts';

/** Letters on the ruler. */
const RULER_REM = 0.6875;
export const RULER_PX = 22;
export const LANE_PX = 26;
const BAR_PX = 12;
const TICK_APART_PX = 90;
const DAY = 86_400_000;

export interface Scene {
  readonly view: Span;
  readonly cameras: readonly string[];
  readonly footage: Footage;
  readonly chosen: string | undefined;
  /** Playhead and ends of the selection, in ms since 1970. */
  readonly at: number;
  readonly in: number | undefined;
  readonly out: number | undefined;
}

/** Colours of the style sheet, read when the theme changes: reading them for each frame would cost more than drawing. */
export type Colours = Readonly<
  Record<'rec' | 's1' | 's2' | 'line' | 't1' | 't3' | 'gap' | 'gap-line' | 'evidence' | 'acc' | 'ok' | 'bg', string>
> & {
  readonly font: string;
};

export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const of = (role: string): string => style.getPropertyValue(`--${role}`).trim();
  return {
    rec: of('rec'),
    s1: of('s1'),
    s2: of('s2'),
    line: of('line'),
    t1: of('t1'),
    t3: of('t3'),
    gap: of('gap'),
    'gap-line': of('gap-line'),
    evidence: of('evidence'),
    acc: of('acc'),
    ok: of('ok'),
    bg: of('bg'),
    font: `${RULER_REM * Number.parseFloat(getComputedStyle(document.documentElement).fontSize)}px ${of('sans')}`,
  };
}

/** Where an instant lies, in pixels of a width. */
function xOf(at: number, { from, to }: Span, width: number): number {
  return ((at - from) / (to - from)) * width;
}

/** All lanes with their ruler, in one canvas. */
export function draw(context: CanvasRenderingContext2D, width: number, scene: Scene, colours: Colours): void {
  const { view, cameras } = scene;
  const height = RULER_PX + Math.max(1, cameras.length) * LANE_PX;
  context.clearRect(0, 0, width, height);
  context.fillStyle = colours.s2;
  context.fillRect(0, RULER_PX, width, height - RULER_PX);
  drawRuler(context, width, height, view, colours);
  cameras.forEach((camera, row) => drawLane(context, width, row, camera, scene, colours));
  const x = (at: number): number => Math.round(xOf(at, view, width));
  const { in: start, out: end } = scene;
  if (start !== undefined || end !== undefined) {
    const [a, b] = [x(start ?? scene.at), x(end ?? scene.at)];
    context.fillStyle = colours.acc;
    context.globalAlpha = 0.18;
    context.fillRect(Math.min(a, b), RULER_PX, Math.abs(b - a), height - RULER_PX);
    context.globalAlpha = 1;
    if (start !== undefined) context.fillRect(a - 1, RULER_PX, 2, height - RULER_PX);
    if (end !== undefined) context.fillRect(b - 1, RULER_PX, 2, height - RULER_PX);
  }
  context.fillStyle = colours.ok;
  context.fillRect(x(boxNow()), RULER_PX, 1, height - RULER_PX);
  context.fillStyle = colours.t1;
  context.fillRect(x(scene.at) - 1, 0, 2, height);
}

function drawRuler(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  view: Span,
  colours: Colours,
): void {
  const { step, at } = ticksOf(view.from, view.to, width, TICK_APART_PX);
  context.font = colours.font;
  context.textBaseline = 'middle';
  for (const each of at) {
    const x = Math.round(xOf(each, view, width));
    context.fillStyle = colours.line;
    context.fillRect(x, RULER_PX - 4, 1, height);
    context.fillStyle = colours.t3;
    const words = step >= DAY ? day(each) : step >= 60_000 ? minute(each) : clock(each);
    const more = step < 1000 ? `.${String(Math.floor((each % 1000) / 100))}` : '';
    context.fillText(words + more, x + 4, RULER_PX / 2);
  }
}

function drawLane(
  context: CanvasRenderingContext2D,
  width: number,
  row: number,
  camera: string,
  { view, footage }: Scene,
  colours: Colours,
): void {
  const top = RULER_PX + row * LANE_PX + (LANE_PX - BAR_PX) / 2;
  const lane = footage.lane(camera, view);
  const bar = ({ from, to }: Span, least = 1): [number, number] | undefined => {
    const a = Math.max(0, xOf(from, view, width));
    const b = Math.min(width, xOf(to, view, width));
    return b < 0 || a > width || b < a ? undefined : [a, Math.max(least, b - a)];
  };
  context.fillStyle = colours.rec;
  for (const each of lane.recorded) {
    const at = bar(each);
    if (!at) continue;
    // A day of which only the sum is known is filled from below.
    const filled = BAR_PX * Math.max(0.15, each.share);
    context.fillRect(at[0], top + BAR_PX - filled, at[1], filled);
  }
  for (const gap of lane.gaps) {
    const at = bar(gap, 2);
    if (!at) continue;
    if (gap.reason === 'schedule') dashed(context, at, top, colours);
    else hatched(context, at, top, colours);
  }
  context.fillStyle = colours.evidence;
  for (const lock of footage.locks) {
    if (lock.camera !== camera) continue;
    const at = bar(lock, 3);
    if (!at) continue;
    context.fillRect(at[0], top - 4, at[1], 2);
    context.fillRect(at[0], top - 4, 1, 5);
    context.fillRect(at[0] + at[1] - 1, top - 4, 1, 5);
  }
}

/** Off by plan: nothing was lost. */
function dashed(context: CanvasRenderingContext2D, [x, width]: [number, number], top: number, colours: Colours): void {
  context.strokeStyle = colours.t3;
  context.setLineDash([3, 4]);
  context.beginPath();
  context.moveTo(x, top + BAR_PX / 2);
  context.lineTo(x + width, top + BAR_PX / 2);
  context.stroke();
  context.setLineDash([]);
}

function hatched(context: CanvasRenderingContext2D, [x, width]: [number, number], top: number, colours: Colours): void {
  context.fillStyle = colours.gap;
  context.fillRect(x, top, width, BAR_PX);
  context.save();
  context.beginPath();
  context.rect(x, top, width, BAR_PX);
  context.clip();
  context.strokeStyle = colours['gap-line'];
  context.lineWidth = 1.5;
  context.beginPath();
  for (let at = x - BAR_PX; at < x + width; at += 6) {
    context.moveTo(at, top + BAR_PX);
    context.lineTo(at + BAR_PX, top);
  }
  context.stroke();
  context.restore();
}
