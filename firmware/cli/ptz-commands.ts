import type { z } from 'zod';
import { plainText } from '../audit/index.ts';
import { BoxError } from '../base/index.ts';
import type { PtzPreset, PtzState } from '../control/index.ts';
import type { Command, Invocation } from './command.ts';
import { numberOption } from './number-option.ts';
import { table } from './text.ts';

const AXES = { pan: { type: 'string' }, tilt: { type: 'string' }, zoom: { type: 'string' } } as const;

const state: Command = {
  name: 'ptz state',
  usage: 'ptz state CAMERA',
  help: 'says what a camera can move, where it looks, and who steers it',
  words: 1,
  run: async ({ words, host }) => {
    const found = (await host.call('ptz.state', { camera: words[0] })) as z.output<typeof PtzState>;
    const { position, moving, steering, maxPresets } = found;
    const where = position
      ? `pan ${position.pan ?? '-'} tilt ${position.tilt ?? '-'} zoom ${position.zoom ?? '-'}`
      : 'not told';
    const who = steering ? `${plainText(steering.by)}, free at ${steering.until} without another word` : 'nobody';
    return {
      json: found,
      text: `position   ${where}\nmoving     ${moving ? 'yes' : 'no'}\nsteered by ${who}\npresets    at most ${maxPresets}`,
    };
  },
};

const move: Command = {
  name: 'ptz move',
  usage: 'ptz move CAMERA [--pan -1..1] [--tilt -1..1] [--zoom -1..1] [--seconds 2]',
  help: 'moves a camera at a speed; it stops by itself after that time',
  words: 1,
  options: { ...AXES, seconds: { type: 'string' } },
  run: async ({ words, options, host }) => {
    const speed = { ...vectorOf(options), ...numberOption(options, 'seconds') };
    const done = await host.call('ptz.move', { camera: words[0], ...speed });
    return { json: done, text: 'It moves.' };
  },
};

const nudge: Command = {
  name: 'ptz nudge',
  usage: 'ptz nudge CAMERA [--pan -1..1] [--tilt -1..1] [--zoom -1..1]',
  help: 'moves a camera by a distance, in parts of all that it can turn',
  words: 1,
  options: AXES,
  run: async ({ words: [camera], options, host }) => {
    const done = await host.call('ptz.nudge', { camera, ...vectorOf(options) });
    return { json: done, text: 'It moves.' };
  },
};

const FOCUS: Readonly<Record<string, number>> = { near: -1, far: 1, stop: 0 };

const focus: Command = {
  name: 'ptz focus',
  usage: 'ptz focus CAMERA near|far|stop',
  help: 'focuses a camera; it ends by itself after some seconds, or by stop',
  words: 2,
  run: async ({ words: [camera, wanted = ''], host }) => {
    const speed = FOCUS[wanted];
    if (speed === undefined) throw new BoxError('control.bad-input', { faults: ['near, far or stop'] });
    return { json: await host.call('ptz.lens', { camera, focus: speed }), text: 'Done.' };
  },
};

const iris: Command = {
  name: 'ptz iris',
  usage: 'ptz iris CAMERA 0..1',
  help: 'closes (0) or opens (1) the iris of a camera',
  words: 2,
  run: async ({ words: [camera, wanted = ''], host }) => {
    const done = await host.call('ptz.lens', { camera, ...numberOption({ iris: wanted }, 'iris') });
    return { json: done, text: 'Done.' };
  },
};

const goTo: Command = {
  name: 'ptz goto',
  usage: 'ptz goto CAMERA [--preset P | --pan -1..1 --tilt -1..1 --zoom 0..1]',
  help: 'lets a camera look at a preset, by its name or token, at a position, or at its home position',
  words: 1,
  options: { ...AXES, preset: { type: 'string' } },
  run: async ({ words: [camera], options, host }) => {
    const { preset: wanted } = options;
    const position = vectorOf(options);
    if (wanted === undefined && Object.keys(position).length > 0)
      return { json: await host.call('ptz.goto', { camera, position }), text: 'It turns to the position.' };
    if (wanted === undefined)
      return { json: await host.call('ptz.goto', { camera }), text: 'It turns to its home position.' };
    const presets = (await host.call('ptz.presets', { camera })) as z.output<typeof PtzPreset>[];
    const preset = presets.find(({ name }) => name === wanted)?.preset ?? wanted;
    return { json: await host.call('ptz.goto', { camera, preset }), text: 'It turns to the preset.' };
  },
};

const presets: Command = {
  name: 'ptz presets',
  usage: 'ptz presets CAMERA',
  help: 'lists the presets of a camera',
  words: 1,
  run: async ({ words, host }) => {
    const all = (await host.call('ptz.presets', { camera: words[0] })) as z.output<typeof PtzPreset>[];
    const rows = all.map(({ preset, name }) => [plainText(preset), plainText(name)]);
    return { json: all, text: rows.length === 0 ? 'It has none.' : table(['preset', 'name'], rows) };
  },
};

const presetSet: Command = {
  name: 'ptz preset set',
  usage: 'ptz preset set CAMERA NAME [--preset P]',
  help: 'keeps where a camera looks as a preset, a new one or in the place of one',
  words: 2,
  options: { preset: { type: 'string' } },
  run: async ({ words: [camera, name], options: { preset }, host }) => {
    const made = await host.call('ptz.preset.set', { camera, name, ...(preset === undefined ? {} : { preset }) });
    return { json: made, text: `Kept as ${plainText(name ?? '')}.` };
  },
};

export const PTZ_COMMANDS: readonly Command[] = [
  state,
  move,
  nudge,
  simple('ptz stop', 'ptz.stop', 'stops a camera'),
  simple('ptz take', 'ptz.take', 'takes a camera from somebody whose role comes after; what they were moving stops'),
  simple('ptz ask', 'ptz.ask', 'asks whoever steers a camera for it; the first who asked has it when they let go'),
  simple('ptz release', 'ptz.release', 'lets go of a camera, so that others may steer it at once'),
  goTo,
  focus,
  iris,
  simple('ptz home set', 'ptz.home.set', 'makes where a camera looks its home position'),
  presets,
  presetSet,
  simple('ptz preset remove', 'ptz.preset.remove', 'removes a preset, by its token', 'preset'),
];

function vectorOf(options: Invocation['options']): Record<string, number> {
  return Object.assign({}, ...['pan', 'tilt', 'zoom'].map((name) => numberOption(options, name))) as Record<
    string,
    number
  >;
}

function simple(name: string, operation: string, help: string, second?: string): Command {
  return {
    name,
    usage: `${name} CAMERA${second === undefined ? '' : ` ${second.toUpperCase()}`}`,
    help,
    words: second === undefined ? 1 : 2,
    run: async ({ words: [camera, more], host }) => {
      const done = await host.call(operation, { camera, ...(second === undefined ? {} : { [second]: more }) });
      return { json: done, text: 'Done.' };
    },
  };
}
