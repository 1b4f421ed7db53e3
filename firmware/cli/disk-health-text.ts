/** The health of disks as short lines for people. */
import type { z } from 'zod';
import type { DiskHealthList } from '../control/index.ts';

type Report = z.output<typeof DiskHealthList>;
type Disk = Report['disks'][number];

const HOURS_PER_YEAR = 8766;

/** A line per disk, and below it why and what to do. */
export function formatDiskHealth(value: unknown): string {
  const { disks, volumes } = value as Report;
  if (disks.length === 0) return 'No disks have been looked at yet; ask again in a minute.';
  const lines = disks.flatMap((disk) => [headOf(disk), ...reasonsOf(disk.reasons), ...trendOf(disk)]);
  const slow = volumes
    .filter((volume) => volume.slow.length > 0)
    .flatMap(({ volume, slow: reasons }) => [`volume ${volume}: slow`, ...reasonsOf(reasons)]);
  const spared = volumes
    .filter(({ fitness }) => fitness === 'avoid')
    .map(({ volume }) => `volume ${volume}: gets no new recordings while another disk takes them`);
  return [...lines, ...slow, ...spared].join('\n');
}

function headOf(disk: Disk): string {
  const { device, model, id, verdict, temperatureC, temperatureMaxC, hours, wearPercent, sleeping, volumes } = disk;
  const facts = [
    temperatureC === undefined ? undefined : `${temperatureC} °C (limit ${temperatureMaxC ?? '?'})`,
    hours === undefined ? undefined : `${(hours / HOURS_PER_YEAR).toFixed(1)} years of running`,
    wearPercent === undefined ? undefined : `${wearPercent} % worn`,
    sleeping ? 'sleeps' : undefined,
    volumes.length === 0 ? undefined : `volumes: ${volumes.join(', ')}`,
  ].filter((fact) => fact !== undefined);
  return `${device}  ${verdict}  ${[model, id].filter(Boolean).join(', ')}${facts.length === 0 ? '' : `  ${facts.join(', ')}`}`;
}

function reasonsOf(reasons: Disk['reasons']): string[] {
  return reasons.map(({ level, text, advice }) => `    ${level}: ${text.en} ${advice.en}`);
}

/** The verdict's reasons name growth that matters; this is where the figures stand. */
function trendOf({ trend, wearEnds }: Disk): string[] {
  const grew = trend.grew.map(({ figure, from, to, days }) => `${figure} ${from} to ${to} in ${days} days`);
  const ends = wearEnds === undefined ? [] : [`worn out about ${wearEnds.slice(0, 10)}`];
  const all = [...grew, ...ends];
  return all.length === 0 ? [] : [`    trend: ${all.join(', ')}`];
}
