import { resolve } from 'node:path';
import { BoxError } from '../base/index.ts';
import type { DiskList, PooledVolume } from '../control/index.ts';
import type { z } from 'zod';
import type { Command } from './command.ts';
import { describeDisk, formatDisks } from './disk-text.ts';

type Volume = z.output<typeof PooledVolume>;
interface Removed {
  readonly volumes: string[];
  readonly unmounted: string[];
  readonly ended: string[];
}

const list: Command = {
  name: 'disks list',
  usage: 'disks list',
  help: 'lists the disks of the machine, what is on them and what can be done with them',
  words: 0,
  run: async ({ host }) => {
    const report = await host.call('disks.list', {});
    return { json: report, text: formatDisks(report) };
  },
};

const format: Command = {
  name: 'disks format',
  usage: 'disks format DISK --confirm DISK [--fs ext4|xfs] [--label NAME]',
  help: 'ERASES a disk and records on it; DISK is its id in the list, given twice',
  words: 1,
  options: { confirm: { type: 'string' }, fs: { type: 'string' }, label: { type: 'string' } },
  run: async ({ words, options, host }) => {
    const [disk = ''] = words;
    const { confirm, fs, label } = options;
    if (confirm === undefined) {
      const { disks } = (await host.call('disks.list', {})) as z.output<typeof DiskList>;
      const found = disks.find(({ id }) => id === disk);
      if (!found) throw new BoxError('disks.no-such-disk', { disk });
      const fault = `--confirm: is needed. This would erase ${describeDisk(found)}. If that is meant: --confirm ${disk}`;
      throw new BoxError('control.bad-input', { faults: [fault] });
    }
    const input = { disk, confirm, ...(fs === undefined ? {} : { fs }), ...(label === undefined ? {} : { label }) };
    const volume = (await host.call('disks.format', input)) as Volume;
    return { json: volume, text: `Formatted. ${inUse(volume)}` };
  },
};

const adopt: Command = {
  name: 'disks adopt',
  usage: 'disks adopt DISK|FOLDER [--read-only] [--label NAME] [--same-cameras]',
  help: 'uses a disk or folder with the recordings on it; with --read-only they are only shown and never deleted',
  words: 1,
  options: { 'read-only': { type: 'boolean' }, label: { type: 'string' }, 'same-cameras': { type: 'boolean' } },
  run: async ({ words, options, host }) => {
    const [given = ''] = words;
    const { label } = options;
    const input = {
      what: given.includes('/') || given === '.' ? resolve(given) : given,
      mode: options['read-only'] === true ? 'read-only' : 'use',
      sameCameras: options['same-cameras'] === true,
      ...(label === undefined ? {} : { label }),
    };
    const volume = (await host.call('disks.adopt', input)) as Volume;
    return { json: volume, text: `Adopted. ${inUse(volume)}` };
  },
};

const remove: Command = {
  name: 'disks remove',
  usage: 'disks remove VOLUME|DISK',
  help: 'ends recording on a disk and unmounts it, so that it may be unplugged; its recordings stay on it',
  words: 1,
  run: async ({ words, host }) => {
    const done = (await host.call('disks.remove', { what: words[0] })) as Removed;
    const first = done.ended.map((job) => `${endingOf(job)}\n`).join('');
    const what = done.volumes.length > 0 ? `No longer in use: ${done.volumes.join(', ')}.` : 'It was not in use.';
    const unplug = done.unmounted.length > 0 ? ' The disk may be unplugged now.' : ' Nothing had to be unmounted.';
    return {
      json: done,
      text: `${first}${what}${unplug} Its recordings stay on it (ipvs disks adopt brings them back).`,
    };
  },
};

const label: Command = {
  name: 'disks label',
  usage: 'disks label VOLUME NAME',
  help: 'gives a volume another name',
  words: 2,
  run: async ({ words, host }) => {
    const volume = (await host.call('disks.label', { volume: words[0], name: words[1] })) as Volume;
    return { json: volume, text: `The volume ${volume.id} is now called "${volume.name}".` };
  },
};

export const DISK_COMMANDS: readonly Command[] = [list, format, adopt, remove, label];

function inUse({ id, name, folder, readOnly }: Volume): string {
  const called = name === '' ? id : `${id} ("${name}")`;
  return readOnly
    ? `The recordings in ${folder} are shown as volume ${called}; nothing on it is changed.`
    : `The box uses it as volume ${called}, in ${folder}.`;
}

/** `job`: its id, which is the operation and the volume. */
function endingOf(job: string): string {
  const [operation, volume] = job.split('/');
  return operation === 'disks.evacuate'
    ? `Copying the recordings off ${volume} was ended first; what is not on another disk stays on this one.`
    : `The check of ${volume} was ended first.`;
}
