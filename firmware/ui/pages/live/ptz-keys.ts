import { keysOn } from '../../shell/key-state.ts';
import type { Steering, Vector } from './steering.ts';

const MOVES: Readonly<Record<string, Vector>> = {
  ArrowLeft: { pan: -1 },
  ArrowRight: { pan: 1 },
  ArrowUp: { tilt: 1 },
  ArrowDown: { tilt: -1 },
  '+': { zoom: 1 },
  '=': { zoom: 1 },
  '-': { zoom: -1 },
};
const FOCUS: Readonly<Record<string, number>> = { ',': -1, '.': 1 };
const IRIS: Readonly<Record<string, number>> = { '<': -1, '>': 1 };

/**
 * While a camera is steered its keys come before those of the page: arrows move, + and - zoom, Home, comma and full stop focus,
 * < and > close and open the iris, digits go to presets and keep them with Shift. Shift is fast. Whatever is let go of stops.
 */
export function steeringKeys(steering: Steering, speed: () => number): () => void {
  const over = new AbortController();
  const options = { capture: true, signal: over.signal } as const;
  const held = new Map<string, Vector>();
  let focuses = false;
  const wish = (fast: boolean): void => {
    const all = [...held.values()];
    if (all.length === 0) {
      steering.move(undefined);
      return;
    }
    const sum = (axis: keyof Vector): number => all.reduce((total, each) => total + (each[axis] ?? 0), 0);
    const factor = fast ? 1 : speed();
    const at = (axis: keyof Vector): Vector => (all.some((each) => axis in each) ? { [axis]: sum(axis) * factor } : {});
    steering.move({ ...at('pan'), ...at('tilt'), ...at('zoom') });
  };
  const press = (event: KeyboardEvent): boolean => {
    const { key, code, shiftKey } = event;
    const move = MOVES[key];
    const focus = FOCUS[key];
    const digit = /^Digit([1-9])$/.exec(code)?.[1];
    if (move) {
      if (!event.repeat) held.set(code, move);
      if (!event.repeat) wish(shiftKey);
    } else if (!keysOn.value) return false;
    else if (key === 'Home') void steering.goTo();
    else if (focus !== undefined && steering.state.value?.focus === true) {
      if (!focuses) steering.focus(focus);
      focuses = true;
    } else if (IRIS[key] !== undefined && steering.state.value?.iris === true) {
      steering.irisBy(IRIS[key]);
    } else if (digit !== undefined) {
      const preset = steering.presets.value[Number(digit) - 1];
      if (shiftKey && !event.repeat) steering.wishToKeep(preset, digit);
      else if (preset && !shiftKey) void steering.goTo(preset.preset);
    } else return false;
    return true;
  };
  const release = ({ code, key }: { code: string; key: string }): void => {
    if (held.delete(code)) wish(false);
    if (focuses && FOCUS[key] !== undefined) endFocus();
  };
  const endFocus = (): void => {
    focuses = false;
    steering.focus(0);
  };
  addEventListener(
    'keydown',
    (event) => {
      const { ctrlKey, altKey, metaKey, target } = event;
      if (ctrlKey || altKey || metaKey || (target as Element).closest('input, select, textarea, dialog')) return;
      if (!press(event)) return;
      event.preventDefault();
      event.stopPropagation();
    },
    options,
  );
  addEventListener('keyup', release, options);
  const letGo = (): void => {
    held.clear();
    if (focuses) endFocus();
    steering.move(undefined);
  };
  addEventListener('blur', letGo, { signal: over.signal });
  return () => {
    over.abort();
    letGo();
  };
}
